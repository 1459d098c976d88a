import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Book } from '../book';
import type { Entry } from '../entry';
import { ROOT } from '../folders';
import { admit, bodyOf, entityTag, READER_PATH, Refused, sendTagged, type ServiceParts } from '../service';
import { vcard } from '../vcard';
import { document, element, XmlError, type Xml } from '../xml';
import { addressbook, card, home, missing, NAMESPACES, principal, propertiesOf, type Resource } from './properties';
import { readPropfind, readReport, type Report, type Wanted } from './request';

const XML = 'application/xml; charset=utf-8';
/** Cards of one address book; what is beyond is found by search. */
const MAX_CARDS = 5_000;
const MAX_FOLDERS = 200;
const METHODS = 'OPTIONS, GET, HEAD, PROPFIND, REPORT';
const PATHS = { root: `${READER_PATH}/carddav`, books: `${READER_PATH}/carddav/books`, book: `${READER_PATH}/carddav/books/:folder`, card: `${READER_PATH}/carddav/books/:folder/:card` };

/**
 * Address books for CardDAV clients (RFC 6352), read only: one for the authorities, the interpreters and each region, the cards
 * being those of everything below. `…/carddav/` is all that a client has to be told.
 */
export function registerCarddav(app: FastifyInstance, parts: ServiceParts): void {
  for (const method of ['PROPFIND', 'REPORT']) app.addHttpMethod(method, { hasBody: true });
  const on = (method: string, paths: string[], answer: (client: Client, req: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>): void => {
    for (const path of paths.flatMap((one) => [one, `${one}/`])) {
      app.route({
        method, url: path,
        handler: async (req, reply): Promise<FastifyReply> => {
          const { open, base } = admit(parts, req);
          try {
            return await answer(new Client(await open(), `${base}/carddav`), req, reply);
          } catch (error) {
            if (error instanceof XmlError) return reply.code(400).type('text/plain').send(error.message);
            throw error;
          }
        },
      });
    }
  };
  on('OPTIONS', Object.values(PATHS), async (_client, _req, reply) => reply.header('DAV', '1, 3, addressbook').header('Allow', METHODS).send());
  for (const method of ['PUT', 'POST', 'DELETE']) on(method, Object.values(PATHS), async (_client, _req, reply) => reply.code(405).header('Allow', METHODS).send());
  on('PROPFIND', Object.values(PATHS), async (client, req, reply) => {
    const wanted = readPropfind(bodyOf(req));
    return multistatus(reply, await client.propfind(req, req.headers.depth !== '0', wanted));
  });
  on('REPORT', [PATHS.book], async (client, req, reply) => client.report(req, reply, readReport(bodyOf(req))));
  on('GET', [PATHS.card], async (client, req, reply) => sendTagged(req, reply, 'text/vcard; charset=utf-8', vcard(await client.entryOf(paramsOf(req)))));
}

const paramsOf = (req: FastifyRequest): { folder?: string; card?: string } => req.params as { folder?: string; card?: string };

/** One request of a client. */
class Client {
  constructor(private readonly book: Book, private readonly url: string) {}

  async propfind(req: FastifyRequest, withMembers: boolean, wanted: Wanted): Promise<Xml[]> {
    const { folder, card: name } = paramsOf(req);
    if (name !== undefined) return [propertiesOf(this.card(folder ?? '', await this.entryOf({ folder, card: name })), wanted)];
    if (folder !== undefined) {
      const { resources, cut } = withMembers ? await this.cards(folder) : { resources: [], cut: [] };
      return [...[this.addressbook(folder), ...resources].map((one) => propertiesOf(one, wanted)), ...cut];
    }
    const isHome = /\/books\/?$/.test(req.routeOptions.url ?? '');
    const self = isHome ? home(`${this.url}/books/`, this.title, this.principal) : principal(this.principal, this.title, `${this.url}/books/`);
    const members = !withMembers ? [] : isHome ? this.folders().map((id) => this.addressbook(id)) : [home(`${this.url}/books/`, this.title, this.principal)];
    return [self, ...members].map((one) => propertiesOf(one, wanted));
  }

  async report(req: FastifyRequest, reply: FastifyReply, report: Report): Promise<FastifyReply> {
    const { folder = '' } = paramsOf(req);
    const resource = this.addressbook(folder);
    switch (report.kind) {
      case 'query': {
        const { resources, cut } = await this.cards(folder, report.filter, report.limit);
        return multistatus(reply, [...resources.map((one) => propertiesOf(one, report.wanted)), ...cut]);
      }
      case 'multiget':
        return multistatus(reply, await Promise.all(report.hrefs.map(async (href) => {
          const entry = await this.entryAt(href, folder);
          return entry === undefined ? missing(href) : propertiesOf(this.card(folder, entry), report.wanted);
        })));
      case 'sync': {
        // Which cards changed since is not kept; a client with an old token reads the book again (RFC 6578 section 3.2).
        if (report.token !== '' && report.token !== this.token) return reply.code(403).type(XML).send(document(element('D:error', element('D:valid-sync-token'), NAMESPACES)));
        const { resources, cut } = report.token === '' ? await this.cards(folder) : { resources: [], cut: [] };
        return multistatus(reply, [...resources.map((one) => propertiesOf(one, report.wanted)), ...cut, resource.properties['sync-token'] as Xml]);
      }
    }
  }

  /** Throws Refused where the card is not, or not in this book. */
  async entryOf({ folder = '', card: name = '' }: { folder?: string; card?: string }): Promise<Entry> {
    this.addressbook(folder);
    const entry = name.endsWith('.vcf') ? await this.book.entry(name.slice(0, -'.vcf'.length)) : undefined;
    if (entry === undefined) throw new Refused(404);
    return entry;
  }

  private get principal(): string {
    return `${this.url}/`;
  }

  private get title(): string {
    return this.book.folder(ROOT)?.name ?? '';
  }

  private get token(): string {
    return `urn:etasilta:phonebook:${this.book.language}:${this.book.revision}`;
  }

  /** Services by subject are all in other books too. */
  private folders(): string[] {
    return this.book.list(ROOT, { limit: MAX_FOLDERS }).folders.map(({ id }) => id).filter((id) => id !== 'c_classes');
  }

  private addressbook(id: string): Resource {
    const folder = id === ROOT ? undefined : this.book.folder(id);
    if (folder === undefined) throw new Refused(404);
    return addressbook(this.hrefOf(id), folder.name, this.principal, this.token);
  }

  /** The wanted cards of a book; `cut`: what tells that there are more (RFC 6352 section 8.6.1). */
  private async cards(folder: string, wanted: (entry: Entry) => boolean = () => true, limit = MAX_CARDS): Promise<{ resources: Resource[]; cut: Xml[] }> {
    const all = await this.book.allBelow(folder, MAX_CARDS + 1);
    const entries = all.slice(0, MAX_CARDS).filter(wanted);
    const isCut = all.length > MAX_CARDS || entries.length > limit;
    return {
      resources: entries.slice(0, limit).map((entry) => this.card(folder, entry)),
      cut: isCut ? [element('D:response', [element('D:href', this.hrefOf(folder)), element('D:status', 'HTTP/1.1 507 Insufficient Storage'), element('D:error', element('D:number-of-matches-within-limits'))])] : [],
    };
  }

  private card(folder: string, entry: Entry): Resource {
    const data = vcard(entry);
    return card(`${this.hrefOf(folder)}${encodeURIComponent(entry.id)}.vcf`, entityTag(data), data);
  }

  private async entryAt(href: string, folder: string): Promise<Entry | undefined> {
    const path = href.replace(/^https?:\/\/[^/]*/, '');
    const beginning = this.hrefOf(folder);
    if (!path.startsWith(beginning) || !path.endsWith('.vcf')) return undefined;
    try {
      return await this.book.entry(decodeURIComponent(path.slice(beginning.length, -'.vcf'.length)));
    } catch (error) {
      if (error instanceof URIError) return undefined;
      throw error;
    }
  }

  private hrefOf(folder: string): string {
    return `${this.url}/books/${encodeURIComponent(folder)}/`;
  }
}

const multistatus = (reply: FastifyReply, responses: readonly Xml[]): FastifyReply =>
  reply.code(207).type(XML).send(document(element('D:multistatus', responses, NAMESPACES)));

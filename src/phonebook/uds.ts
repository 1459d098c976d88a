import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { inNetworks } from './access';
import { hasLongWord, type Book } from './book';
import type { Entry } from './entry';
import { originOf, textQuery, wholeNumber } from './query';
import type { Reader } from './reader';
import { admit, openBook, READER_PATH, Refused, remoteAddress, sendTagged, type ServiceParts } from './service';
import { document, element, type Xml } from './xml';

/** Who may ask at the fixed path `/cucm-uds`, where the URL has no room for a secret. */
export interface UdsGrant {
  reader: Reader;
  networks: readonly string[];
}

interface Asked {
  book: Book;
  /** `https://host/…/cucm-uds` */
  base: string;
}

/** The version of CUCM whose resources are imitated; clients choose by it what they ask for. */
const VERSION = '10.0.0';
const DEFAULT_USERS = 64;
/** CUCM gives 500; whoever wants so many is collecting them. */
const MAX_USERS = 100;
const MAX_START = 1000;
/** Parameters that name somebody; whichever is given is searched in all words of a name, number and address. */
const CRITERIA = ['name', 'first', 'last', 'nickname', 'displayname', 'number', 'username', 'email', 'uri'];

/**
 * The directory of CUCM (UDS), read by Jabber and by CE endpoints with phone book type CUCM: flat, without folders. Every
 * service, device and (where the reader may see them) person is a user.
 */
export function registerUds(app: FastifyInstance, parts: ServiceParts, grant?: UdsGrant): void {
  route(app, `${READER_PATH}/cucm-uds`, async (req) => {
    const { open, base } = admit(parts, req);
    return { book: await open(), base: `${originOf(req)}${base}/cucm-uds` };
  });
  if (grant === undefined) return;
  const isNear = inNetworks(grant.networks);
  route(app, '/cucm-uds', async (req) => {
    const address = remoteAddress(req);
    if (!isNear(address)) throw new Refused(404);
    if ('refused' in parts.access.limited(grant.reader, address)) throw new Refused(429);
    return { book: await openBook(parts.phonebook, grant.reader), base: `${originOf(req)}/cucm-uds` };
  });
}

function route(app: FastifyInstance, path: string, ask: (req: FastifyRequest) => Promise<Asked>): void {
  const get = (name: string, answer: (asked: Asked, query: Record<string, string>) => Xml | Promise<Xml>): void => {
    app.get(`${path}/${name}`, async (req, reply): Promise<FastifyReply> => sendTagged(req, reply, 'application/xml; charset=utf-8', document(await answer(await ask(req), textQuery(req)))));
  };
  get('version', ({ base }) => element('versionInformation', [
    element('version', VERSION), element('capabilities', element('usersResourceAuthEnabled', false)),
  ], { uri: `${base}/version`, version: VERSION }));
  get('servers', ({ base }) => element('servers', element('server', new URL(base).hostname), { uri: `${base}/servers`, version: VERSION }));
  get('users', users);
  get('clusterUser', clusterUser);
}

async function users({ book, base }: Asked, query: Record<string, string>): Promise<Xml> {
  const text = CRITERIA.map((name) => query[name]).find((value) => value !== undefined)?.trim() ?? '';
  if (!hasLongWord(text)) throw new Refused(400);
  const offset = wholeNumber(query.start, 0, MAX_START);
  const limit = wholeNumber(query.max, DEFAULT_USERS, MAX_USERS);
  const { entries, isLast } = await book.search(text.replace(/^sips?:/, ''), { offset, limit });
  const known = offset + entries.length + (isLast ? 0 : 1);
  return element('users', entries.map((entry) => userElement(base, entry)), {
    uri: `${base}/users`, version: VERSION, start: offset, requestedCount: limit, returnedCount: entries.length, totalCount: known,
  });
}

/** Where a user is at home: always here. */
async function clusterUser({ book, base }: Asked, query: Record<string, string>): Promise<Xml> {
  const name = (query.username ?? query.email ?? '').trim();
  if (!hasLongWord(name)) throw new Refused(400);
  const found = await book.entry(`p_${name}`) ?? book.reachedBy(name);
  const result = found === undefined ? element('result', undefined, { found: 'false' })
    : element('result', undefined, { found: 'true', uri: userUri(base, found), version: VERSION });
  return element('clusterUser', [result, found && element('homeCluster', new URL(base).hostname, { serversUri: `${base}/servers` })], { uri: `${base}/clusterUser`, version: VERSION });
}

function userElement(base: string, entry: Entry): Xml {
  const { name, label, number, email, address, organisation, description, kind, id } = entry;
  return element('user', [
    element('id', id), element('userName', kind === 'person' ? id.slice(2) : address), element('firstName'), element('lastName', name), element('middleName'), element('nickName'),
    element('displayName', label), element('phoneNumber', number), element('homeNumber'), element('mobileNumber'), element('email', email),
    element('directoryUri', address), element('msUri'), element('department', organisation), element('manager'), element('title', description), element('pager'),
  ], { uri: userUri(base, entry) });
}

const userUri = (base: string, { id }: Entry): string => `${base}/user/${encodeURIComponent(id)}`;

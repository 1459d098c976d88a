import { readFile } from 'node:fs/promises';
import ldap from 'ldapjs';
import { LdapError } from '../errors';
import { type SourceEntry, valueText } from '../ldif';
import { RESULT } from '../protocol';

/** A search of another directory that failed, or a connection that did. */
export class LdapSourceError extends LdapError {
  constructor(url: string, reason: string) {
    super(RESULT.unavailable, `${url}: ${reason}`, { hint: 'See that the address, the bind DN, its password and the certificate are right: ldapsearch with the same shows it.' });
  }
}

export interface ClientOptions {
  bind?: string;
  passwordFile?: string;
  startTls: boolean;
  /** Authority of the server's certificate, PEM; default: those that the system trusts. */
  caFile?: string;
}

const TIMEOUT_MS = 60_000;

/** The client's side of an import: searches another directory page by page. */
export class LdapSource {
  private constructor(private readonly url: string, private readonly client: ldap.Client) {}

  /** Throws LdapSourceError. */
  static async connect(url: string, { bind, passwordFile, startTls, caFile }: ClientOptions): Promise<LdapSource> {
    const tlsOptions = caFile === undefined ? {} : { ca: [await readFile(caFile)] };
    const client = ldap.createClient({ url, timeout: TIMEOUT_MS, connectTimeout: 10_000, tlsOptions });
    const source = new LdapSource(url, client);
    try {
      await new Promise<void>((resolve, reject) => {
        client.once('connect', () => resolve());
        for (const event of ['error', 'connectError', 'connectTimeout', 'setupError']) client.once(event, (error?: Error) => reject(error ?? new Error('no answer in time')));
      });
      client.on('error', () => undefined);
      if (startTls) await new Promise<void>((resolve, reject) => client.starttls(tlsOptions, [], (error) => (error ? reject(error) : resolve())));
      if (bind !== undefined) {
        const password = passwordFile === undefined ? '' : ((await readFile(passwordFile, 'utf8')).split(/\r?\n/, 1)[0] as string);
        await new Promise<void>((resolve, reject) => client.bind(bind, password, (error) => (error ? reject(error) : resolve())));
      }
      return source;
    } catch (error) {
      client.destroy();
      throw new LdapSourceError(url, (error as Error).message);
    }
  }

  /** Entries below `base` that match, a page at a time. Throws LdapSourceError. */
  async *search(base: string, filter: string, attributes: readonly string[], pageSize: number): AsyncGenerator<SourceEntry[]> {
    let line = 0;
    for await (const page of this.pages(base, { scope: 'sub', filter, attributes: [...attributes], paged: { pageSize, pagePause: true } })) {
      yield page.map((entry) => ({ ...entry, line: ++line }));
    }
  }

  /** Attributes of the entry that tells of the server itself. */
  async rootDse(attributes: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    for await (const [entry] of this.pages('', { scope: 'base', filter: '(objectClass=*)', attributes: [...attributes] })) if (entry !== undefined) return entry.attributes;
    return new Map();
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.client.unbind(() => resolve());
      this.client.destroy();
    });
  }

  /** One page waits to be taken before the next is asked for. */
  private async *pages(base: string, options: ldap.SearchOptions): AsyncGenerator<Omit<SourceEntry, 'line'>[]> {
    let entries: Omit<SourceEntry, 'line'>[] = [];
    let next: (() => void) | undefined;
    let ended = false;
    let failure: Error | undefined;
    let wake: () => void = () => undefined;
    const event = (change: () => void): void => {
      change();
      wake();
    };
    this.client.search(base, options, (error, response) => {
      if (error) return event(() => { failure = error; });
      response.on('searchEntry', (entry) => { entries.push(entryOf(entry)); });
      response.on('page', (_, more) => event(() => { next = more as (() => void) | undefined; }));
      response.on('error', (problem) => event(() => { failure = problem; }));
      response.on('end', () => event(() => { ended = true; }));
    });
    for (;;) {
      if (failure === undefined && next === undefined && !ended) await new Promise<void>((resolve) => { wake = resolve; });
      if (failure !== undefined) throw new LdapSourceError(this.url, failure.message);
      const page = entries;
      entries = [];
      if (page.length > 0) yield page;
      if (ended && next === undefined) return;
      const more = next;
      next = undefined;
      more?.();
    }
  }
}

function entryOf(entry: ldap.SearchEntry): Omit<SourceEntry, 'line'> {
  // The published types are of an older version.
  const { objectName, attributes } = entry as unknown as { objectName: { toString(): string }; attributes: { type: string; buffers: Buffer[] }[] };
  return { dn: objectName.toString(), attributes: new Map(attributes.map(({ type, buffers }) => [type.toLowerCase(), buffers.map(valueText)])) };
}

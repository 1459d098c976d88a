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

interface FoundEntry {
  dn: string;
  attributes: ReadonlyMap<string, readonly string[]>;
}

const TIMEOUT_MS = 60_000;
/** Values of one attribute that are asked for piece by piece, at most. */
const MAX_VALUES = 100_000;
/** Active Directory gives long attributes in pieces (MS-ADTS section 3.1.1.3.1.3.3): `member;range=0-1499`, the last `member;range=1500-*`. */
const RANGE = /^(.+);range=\d+-(\d+|\*)$/;

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

  /** Entries below `base` that match, a page at a time, with all values of attributes that come in pieces. Throws LdapSourceError. */
  async *search(base: string, filter: string, attributes: readonly string[], pageSize: number): AsyncGenerator<SourceEntry[]> {
    let line = 0;
    for await (const page of this.pages(base, { scope: 'sub', filter, attributes: [...attributes], paged: { pageSize, pagePause: true } })) {
      const entries: SourceEntry[] = [];
      for (const entry of page) entries.push({ dn: entry.dn, attributes: await this.whole(entry), line: ++line });
      yield entries;
    }
  }

  /** An entry's attributes, those that came in pieces put together. */
  private async whole({ dn, attributes }: FoundEntry): Promise<ReadonlyMap<string, readonly string[]>> {
    if (![...attributes.keys()].some((name) => RANGE.test(name))) return attributes;
    const whole = new Map<string, readonly string[]>();
    for (const [description, values] of attributes) {
      const [, name = description, first] = RANGE.exec(description) ?? [];
      let last = first;
      const all = [...values];
      while (last !== undefined && last !== '*') {
        const next = await this.piece(dn, `${name};range=${Number(last) + 1}-*`);
        if (next === undefined || next.values.length === 0) break;
        all.push(...next.values);
        if (all.length > MAX_VALUES) throw new LdapSourceError(this.url, `${dn} has more than ${MAX_VALUES} values of ${name}`);
        last = next.last;
      }
      whole.set(name, all);
    }
    return whole;
  }

  private async piece(dn: string, asked: string): Promise<{ values: readonly string[]; last: string | undefined } | undefined> {
    for await (const page of this.pages(dn, { scope: 'base', filter: '(objectClass=*)', attributes: [asked] })) {
      for (const [description, values] of page[0]?.attributes ?? []) {
        const last = RANGE.exec(description)?.[2];
        if (last !== undefined) return { values, last };
      }
    }
    return undefined;
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
  private async *pages(base: string, options: ldap.SearchOptions): AsyncGenerator<FoundEntry[]> {
    let entries: FoundEntry[] = [];
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

function entryOf(entry: ldap.SearchEntry): FoundEntry {
  // The published types are of an older version.
  const { objectName, attributes } = entry as unknown as { objectName: { toString(): string }; attributes: { type: string; buffers: Buffer[] }[] };
  return { dn: objectName.toString(), attributes: new Map(attributes.map(({ type, buffers }) => [type.toLowerCase(), buffers.map(valueText)])) };
}

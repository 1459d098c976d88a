/**
 * One SIP request or response. Header fields stay the octets that arrived until somebody changes them; what the engine
 * reads (Via, From, CSeq ...) is parsed when it is first asked for and kept.
 */
import { HeaderLine, refuseLineBreak } from './header-line';
import { isListHeader, nameKey } from './header-names';
import { parseNameAddr } from './name-addr';
import { splitFirst, splitList } from './params';
import { fromOctets, isToken, parseNumber, skipSpace, toOctets } from './text';
import { parseVia } from './via';
import type { CSeq, HeaderField, NameAddr, Via } from './types';

export const MAX_CSEQ = 2 ** 31 - 1;
export const MAX_MAX_FORWARDS = 255;
const NO_BODY = Buffer.alloc(0);

/** What was parsed and is still right. */
interface Parsed {
  topVia?: Via | undefined;
  from?: NameAddr | undefined;
  to?: NameAddr | undefined;
  cseq?: CSeq | undefined;
  contacts?: readonly NameAddr[] | undefined;
}

export class SipMessage {
  private parsed: Parsed = {};

  private constructor(
    /** Case-sensitive; '' in a response. */
    public method: string,
    /** The Request-URI's text; '' in a response. */
    public uri: string,
    /** 100 to 699; 0 in a request. */
    public status: number,
    private reasonOctets: string,
    private lines: HeaderLine[],
    public body: Buffer,
  ) {}

  /** A request without header fields. */
  static request(method: string, uri: string, body: Buffer = NO_BODY): SipMessage {
    return new SipMessage(method, uri, 0, '', [], body);
  }

  /** A response without header fields. */
  static response(status: number, reason: string, body: Buffer = NO_BODY): SipMessage {
    return new SipMessage('', '', status, reasonOctets(reason), [], body);
  }

  /** For the parser: everything as octets. */
  static fromOctets(start: { method?: string; uri?: string; status?: number; reason?: string }, lines: HeaderLine[]): SipMessage {
    return new SipMessage(start.method ?? '', start.uri ?? '', start.status ?? 0, start.reason ?? '', lines, NO_BODY);
  }

  /** A response to `request` with its Via list, From, To, Call-ID and CSeq (RFC 3261 section 8.2.6.2); To gets no tag here. */
  static responseTo(request: SipMessage, status: number, reason: string): SipMessage {
    const lines: HeaderLine[] = [];
    for (const line of request.lines) if (COPIED.has(line.key) || (status === 100 && line.key === 'Timestamp')) lines.push(line);
    return new SipMessage('', '', status, reasonOctets(reason), lines, NO_BODY);
  }

  /** An independent copy; header fields and body are shared until changed. */
  clone(): SipMessage {
    return new SipMessage(this.method, this.uri, this.status, this.reasonOctets, this.lines.slice(), this.body);
  }

  get isRequest(): boolean {
    return this.status === 0;
  }

  get reason(): string {
    return fromOctets(this.reasonOctets);
  }

  set reason(text: string) {
    this.reasonOctets = reasonOctets(text);
  }

  /** All header fields in order. */
  get headers(): readonly HeaderField[] {
    return this.lines;
  }

  has(name: string): boolean {
    return this.indexOf(nameKey(name)) !== -1;
  }

  /** The first field of that name, whole (a comma list is not split); undefined when there is none. */
  get(name: string): string | undefined {
    return this.first(nameKey(name));
  }

  /** Every value in order; fields whose grammar is a comma list are split (quotes and brackets respected). */
  getAll(name: string): string[] {
    const key = nameKey(name);
    const isList = isListHeader(key);
    const values: string[] = [];
    for (const line of this.lines) {
      if (line.key !== key) continue;
      if (!isList) values.push(line.value);
      else for (const value of splitList(line.value)) values.push(value);
    }
    return values;
  }

  /** How many fields of that name there are (not how many values). */
  count(name: string): number {
    const key = nameKey(name);
    let count = 0;
    for (const line of this.lines) if (line.key === key) count++;
    return count;
  }

  /** Replaces every field of that name, in the place of the first or at the end. A TypeError for names or values that cannot be sent. */
  set(name: string, value: string | readonly string[]): this {
    const key = nameKey(name);
    const added = (typeof value === 'string' ? [value] : value).map((text) => HeaderLine.of(name, text));
    const at = this.indexOf(key);
    if (at === -1) this.lines.push(...added);
    else {
      this.lines.splice(at, 1, ...added);
      const kept = at + added.length;
      this.lines = this.lines.filter((line, i) => i < kept || line.key !== key);
    }
    return this.changed(key);
  }

  /** Adds a field after the last of that name, or at the end. */
  append(name: string, value: string): this {
    const key = nameKey(name);
    let at = this.lines.length;
    for (let i = at - 1; i >= 0; i--) {
      if (this.lines[i]!.key === key) {
        at = i + 1;
        break;
      }
    }
    this.lines.splice(at, 0, HeaderLine.of(name, value));
    return this.changed(key);
  }

  /** Adds a field before the first of that name, or as the very first. */
  prepend(name: string, value: string): this {
    const key = nameKey(name);
    this.lines.splice(Math.max(this.indexOf(key), 0), 0, HeaderLine.of(name, value));
    return this.changed(key);
  }

  remove(name: string): this {
    const key = nameKey(name);
    if (this.indexOf(key) === -1) return this;
    this.lines = this.lines.filter((line) => line.key !== key);
    return this.changed(key);
  }

  /** Replaces the first value only: one of a comma list too (top Via, top Route). Added when there is none. */
  replaceFirst(name: string, value: string): this {
    this.removeFirst(name);
    return this.prepend(name, value);
  }

  /** Takes the first value away and returns it; the rest of its comma list stays. */
  removeFirst(name: string): string | undefined {
    const key = nameKey(name);
    const at = this.indexOf(key);
    const line = this.lines[at];
    if (!line) return undefined;
    const { first, rest } = isListHeader(key) ? splitFirst(line.value) : { first: line.value };
    if (rest === undefined) this.lines.splice(at, 1);
    else this.lines[at] = HeaderLine.of(name, rest);
    this.changed(key);
    return first;
  }

  /** The getters below: undefined when the field is absent or malformed (`validateRequest` tells which). */
  get topVia(): Via | undefined {
    return (this.parsed.topVia ??= parseVia(splitFirst(this.first('Via') ?? '').first));
  }

  get from(): NameAddr | undefined {
    return (this.parsed.from ??= parseNameAddr(this.first('From') ?? ''));
  }

  get to(): NameAddr | undefined {
    return (this.parsed.to ??= parseNameAddr(this.first('To') ?? ''));
  }

  get fromTag(): string | undefined {
    return this.from?.params.get('tag');
  }

  get toTag(): string | undefined {
    return this.to?.params.get('tag');
  }

  get cseq(): CSeq | undefined {
    return (this.parsed.cseq ??= parseCSeq(this.first('CSeq') ?? ''));
  }

  get callId(): string | undefined {
    return this.first('Call-ID');
  }

  get maxForwards(): number | undefined {
    const value = this.first('Max-Forwards');
    return value === undefined ? undefined : parseNumber(value, MAX_MAX_FORWARDS);
  }

  get contentLength(): number | undefined {
    const value = this.first('Content-Length');
    return value === undefined ? undefined : parseNumber(value, Number.MAX_SAFE_INTEGER);
  }

  /** Every Contact; `*` alone is one with the URI `*`. undefined when one of them is malformed, [] when there are none. */
  get contacts(): readonly NameAddr[] | undefined {
    return (this.parsed.contacts ??= this.parseContacts());
  }

  /** The message as octets. Content-Length is always that of the body; everything unchanged is as it came. */
  serialize(): Buffer {
    const length = this.body.length;
    let head = this.status === 0 ? `${this.method} ${toOctets(this.uri)} SIP/2.0\r\n` : `SIP/2.0 ${this.status} ${this.reasonOctets}\r\n`;
    let hasLength = false;
    for (const line of this.lines) {
      if (line.key !== 'Content-Length') head += `${line.octets}\r\n`;
      else if (!hasLength) {
        hasLength = true;
        head += parseNumber(line.value, Number.MAX_SAFE_INTEGER) === length ? `${line.octets}\r\n` : `Content-Length: ${length}\r\n`;
      }
    }
    head += hasLength ? '\r\n' : `Content-Length: ${length}\r\n\r\n`;
    const octets = Buffer.allocUnsafe(head.length + length);
    octets.write(head, 0, 'latin1');
    if (length > 0) this.body.copy(octets, head.length);
    return octets;
  }

  private first(key: string): string | undefined {
    return this.lines[this.indexOf(key)]?.value;
  }

  private indexOf(key: string): number {
    for (let i = 0; i < this.lines.length; i++) if (this.lines[i]!.key === key) return i;
    return -1;
  }

  private changed(key: string): this {
    if (key === 'Via') this.parsed.topVia = undefined;
    else if (key === 'From') this.parsed.from = undefined;
    else if (key === 'To') this.parsed.to = undefined;
    else if (key === 'CSeq') this.parsed.cseq = undefined;
    else if (key === 'Contact') this.parsed.contacts = undefined;
    return this;
  }

  private parseContacts(): readonly NameAddr[] | undefined {
    const contacts: NameAddr[] = [];
    for (const value of this.getAll('Contact')) {
      const contact = parseNameAddr(value);
      if (!contact) return undefined;
      contacts.push(contact);
    }
    return contacts;
  }
}

const COPIED: ReadonlySet<string> = new Set(['Via', 'From', 'To', 'Call-ID', 'CSeq']);

function reasonOctets(reason: string): string {
  refuseLineBreak(reason, 'the reason phrase');
  return toOctets(reason);
}

function parseCSeq(value: string): CSeq | undefined {
  let space = value.indexOf(' ');
  if (space === -1) space = value.indexOf('\t');
  if (space === -1) return undefined;
  const seq = parseNumber(value.slice(0, space), MAX_CSEQ);
  const method = value.slice(skipSpace(value, space));
  return seq === undefined || !isToken(method) ? undefined : { seq, method };
}

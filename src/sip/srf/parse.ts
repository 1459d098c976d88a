import type { SrfMessageParts } from 'drachtio-srf/lib/sip-parser/parser';

/**
 * drachtio-srf's own parser of messages (lib/sip-parser/parser.js, `parseSipMessage` in its lazy form), with the same results: header values as
 * text by name, repeated ones joined by commas.
 */

const COMPACT: ReadonlyMap<string, string> = new Map([
  ['i', 'call-id'], ['m', 'contact'], ['e', 'contact-encoding'], ['l', 'content-length'], ['c', 'content-type'], ['f', 'from'], ['s', 'subject'],
  ['k', 'supported'], ['t', 'to'], ['v', 'via'],
]);

/** Names as messages spell them, and what drachtio-srf calls them; few are ever in use, a sender of others gains nothing. */
const NAMES = new Map<string, string>();
const MAX_NAMES = 1_000;
const MAX_NAME_LENGTH = 40;
const PLAIN_NAME = /^[\w-]+$/;

/** The key of a header in drachtio-srf's messages: lower case with compact forms expanded; names that begin with X- or P- stay as they are. */
export function headerName(name: string): string {
  const known = NAMES.get(name);
  if (known !== undefined) return known;
  const key = keyOf(name);
  if (NAMES.size < MAX_NAMES && name.length <= MAX_NAME_LENGTH && PLAIN_NAME.test(name)) NAMES.set(name, key);
  return key;
}

function keyOf(name: string): string {
  const stays = name.startsWith('X-') || (name.startsWith('P-') && !name.startsWith('P-Asserted')) || name === 'Diversion';
  if (stays) return name;
  const lower = unescape(name).toLowerCase();
  return COMPACT.get(lower) ?? lower;
}

const STATUS_LINE = /^SIP\/(\d+\.\d+)\s+(\d+)\s*(.*)\s*$/;
const REQUEST_LINE = /^([\w\-.!%*_+`'~]+)\s([^\s]+)\sSIP\s*\/\s*(\d+\.\d+)/;
const HEADER = /^([\S]*?)\s*:\s*([\s\S]*)$/;
const [SPACE, TAB] = [0x20, 0x09];

/** Takes a message apart; `whole` is drachtio-srf's own parser, for the bodies of several parts that it also takes apart. Undefined: no message. */
export function parseMessage(raw: string, whole: (raw: string) => SrfMessageParts | undefined): SrfMessageParts | undefined {
  const blank = raw.indexOf('\r\n\r\n');
  const head = blank === -1 ? raw : raw.slice(0, blank);
  const message = parseHead(head);
  if (message === undefined) return undefined;
  const rest = blank === -1 ? undefined : raw.slice(blank + 4);
  const { headers } = message;
  const type = headers['content-type'];
  if (type?.includes('multipart/') && rest?.includes('\r\n\r\n')) return whole(raw);
  message.body = bodyOf(rest, headers['content-length']);
  message.payload.push({ type, content: message.body });
  return message;
}

/** As many characters as Content-Length has octets; without one, what comes before the next empty line. */
function bodyOf(rest: string | undefined, length: string | undefined): string | undefined {
  if (length) return length === '0' || rest === undefined ? '' : rest.slice(0, Math.max(0, Math.min(Number(length), Buffer.byteLength(rest))) || 0);
  const blank = rest?.indexOf('\r\n\r\n') ?? -1;
  return blank === -1 ? rest : rest?.slice(0, blank);
}

function parseHead(head: string): SrfMessageParts | undefined {
  const firstEnd = lineEnd(head, 0);
  const message = startLine(head.slice(0, firstEnd));
  if (message === undefined) return undefined;
  const { headers } = message;
  for (let at = firstEnd + 2; at <= head.length;) {
    const end = lineEnd(head, at);
    const colon = head.indexOf(':', at);
    let name = colon === -1 || colon > end ? undefined : NAMES.get(head.slice(at, colon));
    let value: string;
    if (name !== undefined) {
      value = head.slice(head.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1, end).trimStart();
    } else {
      const [, given, rest] = HEADER.exec(head.slice(at, end)) ?? [];
      if (given === undefined || rest === undefined) return undefined;
      name = headerName(given);
      value = rest;
    }
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before},${value}`;
    at = end + 2;
  }
  return message;
}

function startLine(line: string): SrfMessageParts | undefined {
  const status = line.startsWith('SIP/') ? STATUS_LINE.exec(line) : null;
  if (status) return { version: status[1], status: Number(status[2]), reason: status[3], headers: {}, body: undefined, payload: [] };
  const request = REQUEST_LINE.exec(line);
  if (request === null) return undefined;
  return { method: unescape(request[1] ?? ''), uri: request[2], version: request[3], headers: {}, body: undefined, payload: [] };
}

/** End of the line that starts at `at`, its continuation lines included (RFC 3261 section 7.3.1). */
function lineEnd(text: string, at: number): number {
  for (let end = text.indexOf('\r\n', at); end !== -1; end = text.indexOf('\r\n', end + 2)) {
    const next = text.charCodeAt(end + 2);
    if (next !== SPACE && next !== TAB) return end;
  }
  return text.length;
}

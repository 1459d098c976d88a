/** Octets to messages (RFC 3261 sections 7 and 18.3; reactions to malformed ones as RFC 4475 and RFC 5118 describe them). */
import { HeaderLine } from './header-line';
import { knownName } from './header-names';
import { splitFirst } from './params';
import { SipMessage } from './sip-message';
import { isDigits, isSpace, isToken, trimSpace } from './text';
import { DEFAULT_LIMITS } from './types';
import { validateRequest, validateResponse } from './validate';
import { formatVia, salvageVia } from './via';
import type { MessageLimits, ParsedMessage, SipFault } from './types';

export const CRLF_CRLF = Buffer.from('\r\n\r\n');
const CR = 13;
const LF = 10;

type Head = { message: SipMessage; fault?: SipFault; drop?: undefined } | { drop: string };

/**
 * One whole message: a UDP datagram or a WebSocket message. Octets beyond Content-Length are discarded, a body shorter than
 * it is a fault (RFC 3261 section 18.3).
 */
export function parseDatagram(octets: Buffer, limits: MessageLimits = DEFAULT_LIMITS): ParsedMessage {
  const start = skipLineEnds(octets);
  if (start === octets.length) return start >= 4 ? { keepAlive: 'ping' } : start === 2 ? { keepAlive: 'pong' } : { drop: 'empty' };
  const blank = octets.indexOf(CRLF_CRLF, start);
  const headEnd = blank === -1 ? octets.length : blank;
  const head = parseHead(octets, start, headEnd, limits);
  if (head.drop !== undefined) return head;
  const { message } = head;
  const fault = head.fault ?? (blank === -1 ? bad('No empty line after the header fields') : takeBody(message, octets.subarray(blank + 4), limits));
  return judge(message, fault);
}

/** A message from a trusted neighbour in the same house: structure only, nothing is required to be present. */
export function parseMessage(octets: Buffer, limits: MessageLimits = DEFAULT_LIMITS): ParsedMessage {
  const blank = octets.indexOf(CRLF_CRLF);
  const head = parseHead(octets, 0, blank === -1 ? octets.length : blank, limits);
  if (head.drop !== undefined) return head;
  if (blank !== -1) head.message.body = octets.subarray(blank + 4);
  return head.fault ? { message: head.message, fault: head.fault } : { message: head.message };
}

/** The verdict on a message of which `fault` is already known: validated, and dropped where nothing may be answered. */
export function judge(message: SipMessage, fault: SipFault | undefined): ParsedMessage {
  if (!message.isRequest) {
    const found = fault ?? validateResponse(message);
    return found ? { drop: `malformed response: ${found.reason}` } : { message };
  }
  const found = fault ?? validateRequest(message);
  if (!found) return { message };
  if (message.method === 'ACK') return { drop: `malformed ACK: ${found.reason}` };
  if (!message.topVia && !salvageTopVia(message)) return { drop: `no Via to answer along: ${found.reason}` };
  return { message, fault: found };
}

/** Puts what can be read of a malformed top Via in its place, so that the request can be answered along it. */
function salvageTopVia(message: SipMessage): boolean {
  const via = salvageVia(splitFirst(message.get('Via') ?? '').first);
  if (via) message.replaceFirst('Via', formatVia(via));
  return message.topVia !== undefined;
}

/** Index after the CRLFs that may precede a start line (RFC 3261 section 7.5). */
export function skipLineEnds(octets: Buffer, at = 0): number {
  while (octets[at] === CR && octets[at + 1] === LF) at += 2;
  return at;
}

function takeBody(message: SipMessage, rest: Buffer, limits: MessageLimits): SipFault | undefined {
  const fault = contentLengthFault(message);
  if (fault) return fault;
  const length = message.contentLength ?? rest.length;
  if (length > rest.length) return bad(`Content-Length is ${length}, the body has ${rest.length} octets`);
  if (length > limits.maxBodyBytes) return tooLargeBody(length, limits);
  message.body = rest.subarray(0, length);
  return undefined;
}

/** Whether Content-Length can be relied on for framing. */
export function contentLengthFault(message: SipMessage): SipFault | undefined {
  const count = message.count('Content-Length');
  if (count > 1) return bad('More than one Content-Length');
  if (count === 1 && message.contentLength === undefined) return bad('Content-Length is no number');
  return undefined;
}

export const tooLargeBody = (length: number, limits: MessageLimits): SipFault => ({
  status: 413,
  reason: `Body of ${length} octets, at most ${limits.maxBodyBytes} are taken`,
});

export const tooLargeHead = (limits: MessageLimits): SipFault => ({
  status: 513,
  reason: `Start line and header fields exceed ${limits.maxHeadBytes} octets`,
});

const bad = (reason: string): SipFault => ({ status: 400, reason });

/** Start line and header fields in octets `start` to `end` (without the empty line). The first fault is kept, reading goes on. */
export function parseHead(octets: Buffer, start: number, end: number, limits: MessageLimits): Head {
  const isTooLarge = end - start > limits.maxHeadBytes;
  let text = octets.toString('latin1', start, isTooLarge ? start + limits.maxHeadBytes : end);
  // The last line of a cut head is no whole one.
  if (isTooLarge) text = text.slice(0, Math.max(text.lastIndexOf('\r\n'), 0));
  const firstEnd = lineEnd(text, 0);
  const head = parseStartLine(text.slice(0, firstEnd));
  if (head.drop !== undefined) return head;
  const lines: HeaderLine[] = [];
  let fault = isTooLarge ? tooLargeHead(limits) : head.fault;
  for (let at = firstEnd + 2; at < text.length; ) {
    const stop = fieldEnd(text, at);
    if (lines.length === limits.maxHeaderFields) {
      fault ??= { status: 513, reason: `More than ${limits.maxHeaderFields} header fields` };
      break;
    }
    const line = parseField(text.slice(at, stop));
    if (typeof line === 'string') fault ??= bad(line);
    else lines.push(line);
    at = stop + 2;
  }
  const message = SipMessage.fromOctets(head, lines);
  return fault ? { message, fault } : { message };
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\r\n', at);
  return end === -1 ? text.length : end;
}

/** End of the field that starts at `at`, its continuation lines included (RFC 3261 section 7.3.1). */
function fieldEnd(text: string, at: number): number {
  let end = lineEnd(text, at);
  while (end + 2 < text.length && isSpace(text.charCodeAt(end + 2))) end = lineEnd(text, end + 2);
  return end;
}

/** One header field, or what is wrong with it. */
function parseField(text: string): HeaderLine | string {
  const colon = text.indexOf(':');
  let nameEnd = colon;
  while (nameEnd > 0 && isSpace(text.charCodeAt(nameEnd - 1))) nameEnd--;
  const name = text.slice(0, Math.max(nameEnd, 0));
  const known = knownName(name);
  if (known === undefined && !isToken(name)) return 'A header field without a name';
  // A lone CR or LF would be a line end for a careless receiver, so it may never be passed on.
  if (hasLoneLineEnd(text)) return `A stray CR or LF in ${known ?? 'a header field'}`;
  return new HeaderLine(known ?? name, known ?? name.toLowerCase(), text, colon);
}

function hasLoneLineEnd(text: string): boolean {
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) if (text.charCodeAt(at - 1) !== CR) return true;
  for (let at = text.indexOf('\r'); at !== -1; at = text.indexOf('\r', at + 1)) if (text.charCodeAt(at + 1) !== LF) return true;
  return false;
}

type Start = { method?: string; uri?: string; status?: number; reason?: string; fault?: SipFault; drop?: undefined } | { drop: string };

function parseStartLine(line: string): Start {
  if (hasLoneLineEnd(line)) return { drop: 'not SIP: stray CR or LF in the start line' };
  return line.slice(0, 4).toUpperCase() === 'SIP/' ? parseStatusLine(line) : parseRequestLine(line);
}

function parseStatusLine(line: string): Start {
  const status = line.slice(8, 11);
  const isStatusLine = line.slice(4, 8) === '2.0 ' && isDigits(status) && (line.length === 11 || line.charCodeAt(11) === 32);
  if (!isStatusLine || status < '100' || status > '699') return { drop: 'malformed response: status line' };
  return { status: Number(status), reason: line.slice(12) };
}

/** Method SP Request-URI SP SIP/2.0, single spaces (RFC 3261 section 7.1). */
function parseRequestLine(line: string): Start {
  const whole = trimSpace(line);
  const first = whole.indexOf(' ');
  const last = whole.lastIndexOf(' ');
  const version = whole.slice(last + 1);
  if (first === -1 || last === first || version.slice(0, 4).toUpperCase() !== 'SIP/') return { drop: 'not SIP: no request line' };
  const method = whole.slice(0, first);
  if (!isToken(method)) return { drop: 'not SIP: the method is no token' };
  const uri = whole.slice(first + 1, last);
  const start = { method, uri };
  if (version.slice(4) !== '2.0') return { ...start, fault: { status: 505, reason: 'SIP version is not 2.0' } };
  if (whole.length !== line.length) return { ...start, fault: bad('White space around the request line') };
  if (uri === '' || isSpace(uri.charCodeAt(0)) || isSpace(uri.charCodeAt(uri.length - 1))) {
    return { ...start, fault: bad('More than one space between the parts of the request line') };
  }
  return start;
}

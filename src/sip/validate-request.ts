import { fault, type RequestFault } from './fault';
import { isToken, parseCount, parseNameAddr, parseSipUri, splitList } from './grammar';
import { readSessionBody, type SessionBody } from './message-body';
import { type HeaderRow, parseWire, type SipRequest, type WireMessage } from './request';

export interface ValidationOptions {
  /** Option tags that a request may require (RFC 3261 section 20.32). */
  supported: ReadonlySet<string>;
}

/** A request that may be worked on. `body` is read for INVITE, UPDATE and PRACK only. */
export interface ValidRequest {
  fault?: undefined;
  body: SessionBody;
}

export type Validation = ValidRequest | { fault: RequestFault };

const MAX_BODY = 65_535;
const MAX_ROWS = 200;
const MAX_ROW = 8_192;
const MAX_URI = 1_024;
/** Rows that decide what a request is must not be there twice, each reader would take another one. */
const SINGLE = ['from', 'to', 'call-id', 'cseq', 'max-forwards', 'content-length', 'content-type', 'expires'];
const REQUIRED = ['from', 'to', 'call-id', 'cseq', 'via'];
const WITH_SESSION = ['INVITE', 'UPDATE', 'PRACK'];

type Check = (req: SipRequest, message: WireMessage, value: (name: string) => string | undefined, options: ValidationOptions) => RequestFault | undefined;

/**
 * Checks what the gateway relies on in a request from outside. A SIP server in front may let invalid messages pass, as
 * drachtio-server does with most of RFC 4475's.
 */
export function validateRequest(req: SipRequest, options: ValidationOptions): Validation {
  const message = parseWire(req.raw ?? '');
  const value = (name: string) => message.rows.find((row) => row.name === name)?.value;
  for (const check of CHECKS) {
    const wrong = check(req, message, value, options);
    if (wrong) return { fault: wrong };
  }
  if (!WITH_SESSION.includes(req.method)) return { body: { others: [] } };
  const headers = { type: value('content-type'), disposition: value('content-disposition'), encoding: value('content-encoding') };
  const body = readSessionBody(headers, req.body ?? '');
  return 'status' in body ? { fault: body } : { body };
}

const checkSize: Check = (_req, { rows, malformedRows, body }) => {
  if (rows.length > MAX_ROWS) return fault(513, `More than ${MAX_ROWS} header rows`);
  const long = rows.find((row) => row.value.length > MAX_ROW);
  if (long) return fault(513, `${long.name.slice(0, 32)} is longer than ${MAX_ROW} characters`);
  if (Buffer.byteLength(body) > MAX_BODY) return fault(413, `The body is longer than ${MAX_BODY} bytes`);
  return malformedRows > 0 ? fault(400, 'A header row is not of the form name: value') : undefined;
};

const checkStartLine: Check = (req, { startLine }) => {
  const [, uri = '', version] = /^[^ ]+ (.*) SIP\/(\d+\.\d+)$/i.exec(startLine) ?? [];
  if (version !== undefined && version !== '2.0') return fault(505, `SIP version ${version} is not 2.0`);
  if (version === undefined || /\s/.test(uri) || !isToken(req.method)) return fault(400, 'The request line is malformed');
  return undefined;
};

const checkRows: Check = (_req, { rows }) => {
  const count = (name: string) => rows.filter((row: HeaderRow) => row.name === name).length;
  const missing = REQUIRED.find((name) => count(name) === 0);
  if (missing) return fault(400, `${missing} is missing`);
  const repeated = SINGLE.find((name) => count(name) > 1);
  return repeated && fault(400, `${repeated} is there more than once`) || undefined;
};

const checkRequestUri: Check = ({ uri }) => {
  if (uri.length > MAX_URI) return fault(414, `The request-URI is longer than ${MAX_URI} characters`);
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined) return fault(400, 'The request-URI is malformed');
  if (scheme === 'tel') return /^tel:\+?[0-9A-D*#().-]{1,64}(?:;[^\s<>"]*)?$/i.test(uri) ? undefined : fault(400, 'The request-URI is no telephone number');
  if (scheme !== 'sip' && scheme !== 'sips') return fault(416, `The scheme ${scheme.slice(0, 32)} is not understood; dial sip: addresses`);
  const parsed = parseSipUri(uri);
  // Header fields have no place in a request-URI (section 19.1.1).
  return parsed && parsed.headers === undefined ? undefined : fault(400, 'The request-URI is malformed');
};

const checkParties: Check = ({ method }, _message, value) => {
  for (const name of ['from', 'to']) {
    const party = parseNameAddr(value(name) ?? '');
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(party?.uri ?? '')?.[1]?.toLowerCase();
    if (!party || scheme === undefined || (scheme.startsWith('sip') && !parseSipUri(party.uri))) return fault(400, `${name} is malformed`);
    const tag = party.params.get('tag');
    if (tag !== undefined && !isToken(tag)) return fault(400, `The tag in ${name} is malformed`);
  }
  if (method === 'INVITE') {
    const contacts = splitList(value('contact') ?? '') ?? [];
    if (contacts.length !== 1 || !parseSipUri(parseNameAddr(contacts[0]!)?.uri ?? '')) return fault(400, 'Contact is not one SIP address');
  }
  return /^[^\s]{1,256}$/.test(value('call-id') ?? '') ? undefined : fault(400, 'Call-ID is malformed');
};

const checkNumbers: Check = ({ method }, { body }, value) => {
  const [, sequence, name] = /^(\d{1,10})\s+(\S+)$/.exec(value('cseq') ?? '') ?? [];
  if (parseCount(sequence, 0x7fff_ffff) === undefined) return fault(400, 'CSeq is no number below 2147483648 and a method');
  if (name !== method) return fault(400, `CSeq names ${name}, the request line ${method}`);
  const length = value('content-length');
  const bytes = parseCount(length ?? '0');
  if (bytes === undefined) return fault(400, 'Content-Length is no number');
  if (bytes > Buffer.byteLength(body)) return fault(400, `Content-Length is ${bytes}, the body has ${Buffer.byteLength(body)} bytes`);
  if (value('expires') !== undefined && parseCount(value('expires')) === undefined) return fault(400, 'Expires is no number below 4294967296');
  const hops = parseCount(value('max-forwards') ?? '70', 255);
  if (hops === undefined) return fault(400, 'Max-Forwards is no number from 0 to 255');
  // OPTIONS is answered by whom it reaches with 0 (section 11), and nothing else goes further.
  return hops === 0 && method !== 'OPTIONS' ? fault(483, 'Max-Forwards is used up') : undefined;
};

const checkRequirements: Check = ({ method }, { rows }, value, { supported }) => {
  // Require means nothing in these two (section 8.2.2.3).
  if (method === 'ACK' || method === 'CANCEL') return undefined;
  const required = rows.filter(({ name }) => name === 'require').flatMap(({ value: tags }) => tags.split(',').map((tag) => tag.trim())).filter(Boolean);
  const unsupported = required.filter((tag) => !supported.has(tag.toLowerCase()));
  if (unsupported.length > 0) {
    const tags = unsupported.filter(isToken).join(', ');
    return fault(420, `Required but not supported: ${tags}`, tags ? { Unsupported: tags } : {});
  }
  const accept = value('accept');
  if (method !== 'INVITE' || accept === undefined) return undefined;
  const types = (splitList(rows.filter(({ name }) => name === 'accept').map((row) => row.value).join(',')) ?? []).map((type) => type.split(';')[0]!.trim().toLowerCase());
  return types.some((type) => ['application/sdp', 'application/*', '*/*'].includes(type)) ? undefined : fault(406, 'Accept does not include application/sdp', {}, 305);
};

const CHECKS: readonly Check[] = [checkSize, checkStartLine, checkRows, checkNumbers, checkRequestUri, checkParties, checkRequirements];

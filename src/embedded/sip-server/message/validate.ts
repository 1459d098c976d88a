/** The checks behind the torture tests (RFC 3261 sections 8.1.1, 8.2, 16.3, 18, 20; RFC 4475; RFC 5118). */
import { parseNameAddr } from './name-addr';
import { isUriText, parseNumber } from './text';
import { parseUri, uriScheme } from './uri';
import { parseVia } from './via';
import type { SipMessage } from './sip-message';
import type { NameAddr, SipFault } from './types';

const MAX_UINT32 = 2 ** 32 - 1;
const BRANCH_COOKIE = 'z9hG4bK';

/** Schemes that a Request-URI may have; others are answered 416 (RFC 3261 section 8.2.2.1). */
const REQUEST_URI_SCHEMES: ReadonlySet<string> = new Set(['sip', 'sips', 'tel', 'urn', 'h323', 'im', 'pres']);

/** Fields that must stand exactly once (RFC 3261 section 8.1.1; Via apart), and fields that may stand only once. */
const REQUIRED = ['From', 'To', 'Call-ID', 'CSeq'];
const AT_MOST_ONCE = ['Max-Forwards', 'Content-Length', 'Content-Type', 'Expires', 'Event', 'Session-Expires', 'Min-SE', 'Refer-To', 'Replaces', 'RAck'];
/** Numbers of 32 bits. `Retry-After` and `Session-Expires` carry parameters and are their readers' affair. */
const NUMBERS = ['Expires', 'Min-Expires', 'RSeq'];

/** One bit a name, so that one pass over a message's fields finds what is missing, repeated or no number. */
const BITS = new Map([...new Set([...REQUIRED, ...AT_MOST_ONCE, ...NUMBERS])].map((name, i) => [name, 1 << i]));
const bitsOf = (names: readonly string[]): number => names.reduce((bits, name) => bits | BITS.get(name)!, 0);
const REQUIRED_BITS = bitsOf(REQUIRED);
const SINGLE_BITS = REQUIRED_BITS | bitsOf(AT_MOST_ONCE);
const NUMBER_BITS = bitsOf(NUMBERS);

const bad = (reason: string): SipFault => ({ status: 400, reason });

/**
 * What makes a request one that must not be processed; undefined when it may be. Left to whoever handles the method:
 * Require and Proxy-Require (420), Content-Type (415), Accept (406), Max-Forwards 0 (483 by a proxy), a Date in another
 * zone than GMT (tolerated), malformed `expires` and `q` of a Contact (RFC 3261 section 10.2.1.1).
 */
export function validateRequest(message: SipMessage): SipFault | undefined {
  return requestUriFault(message.uri) ?? commonFault(message) ?? requestFault(message);
}

/** What makes a response one that must be dropped. */
export function validateResponse(message: SipMessage): SipFault | undefined {
  return commonFault(message) ?? broadcastFault(message);
}

function requestUriFault(uri: string): SipFault | undefined {
  if (uri.startsWith('<')) return bad('Request-URI in angle brackets');
  const scheme = uriScheme(uri);
  if (scheme === undefined) return bad('Request-URI without a scheme');
  if (!isUriText(uri)) return bad('Request-URI with unescaped characters');
  if (!REQUEST_URI_SCHEMES.has(scheme)) return { status: 416, reason: `Request-URI scheme ${scheme.slice(0, 32)} is not supported` };
  const parsed = parseUri(uri);
  if (!parsed) return bad('Request-URI is malformed');
  if (parsed.headers !== undefined) return bad('Request-URI with header fields');
  return undefined;
}

/** What requests and responses have in common (RFC 3261 section 8.1.1). */
function commonFault(message: SipMessage): SipFault | undefined {
  const fault = viaFault(message) ?? fieldsFault(message);
  if (fault) return fault;
  const { callId, from, to } = message;
  if (!callId || callId.includes(' ') || callId.includes('\t') || callId.includes(',')) return bad('Call-ID is malformed');
  if (!message.cseq) return bad('CSeq is malformed or above 2147483647');
  if (!from) return bad('From is malformed');
  return to ? undefined : bad('To is malformed');
}

function viaFault(message: SipMessage): SipFault | undefined {
  const via = message.topVia;
  if (!via) return bad(message.has('Via') ? 'Via is malformed' : 'Via is missing');
  return via.branch === BRANCH_COOKIE ? bad('Via branch is nothing but the magic cookie') : undefined;
}

function fieldsFault(message: SipMessage): SipFault | undefined {
  let seen = 0;
  for (const field of message.headers) {
    const bit = BITS.get(field.key);
    if (bit === undefined) continue;
    if ((seen & bit & SINGLE_BITS) !== 0) return bad(`More than one ${field.name}`);
    seen |= bit;
    if ((bit & NUMBER_BITS) !== 0 && parseNumber(field.value, MAX_UINT32) === undefined) return bad(`${field.name} is no number of 32 bits`);
  }
  if ((seen & REQUIRED_BITS) === REQUIRED_BITS) return undefined;
  return bad(`${REQUIRED.find((name) => (seen & BITS.get(name)!) === 0)} is missing`);
}

function requestFault(message: SipMessage): SipFault | undefined {
  if (message.cseq?.method !== message.method) return bad('The method in CSeq is not that of the request');
  if (message.maxForwards === undefined && message.has('Max-Forwards')) return bad('Max-Forwards is not 0 to 255');
  if (message.method === 'REGISTER' && !/^sips?:/i.test(message.to?.uri ?? '')) return bad('The address of record is no SIP URI');
  return (
    addressFault('From', message.from) ??
    addressFault('To', message.to) ??
    contactFault(message) ??
    routeFault(message, 'Route') ??
    routeFault(message, 'Record-Route')
  );
}

function addressFault(name: string, address: NameAddr | undefined): SipFault | undefined {
  if (!address) return bad(`${name} is malformed`);
  return parseUri(address.uri) ? undefined : bad(`The URI in ${name} is malformed`);
}

/** One Contact in requests that make dialogs (RFC 3261 section 8.1.1.8); `*` only to unregister everything (section 10.2.2). */
function contactFault(message: SipMessage): SipFault | undefined {
  const { contacts, method } = message;
  if (!contacts) return bad('Contact is malformed');
  for (const contact of contacts) {
    if (contact.uri !== '*') {
      const fault = addressFault('Contact', contact);
      if (fault) return fault;
    } else if (method !== 'REGISTER' || contacts.length > 1 || parseNumber(message.get('Expires') ?? '', MAX_UINT32) !== 0) {
      return bad('Contact: * without REGISTER, alone and with Expires: 0');
    }
  }
  return method === 'INVITE' && contacts.length > 1 ? bad('More than one Contact') : undefined;
}

function routeFault(message: SipMessage, name: 'Route' | 'Record-Route'): SipFault | undefined {
  for (const value of message.getAll(name)) {
    const fault = addressFault(name, parseNameAddr(value));
    if (fault) return fault;
  }
  return undefined;
}

/** A response that would be forwarded to everybody (RFC 4475 section 3.3.10). */
function broadcastFault(message: SipMessage): SipFault | undefined {
  const next = message.getAll('Via')[1];
  return next !== undefined && parseVia(next)?.host === '255.255.255.255' ? bad('The next Via is a broadcast address') : undefined;
}

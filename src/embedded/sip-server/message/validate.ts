/** The checks behind the torture tests (RFC 3261 sections 8.1.1, 8.2, 16.3, 18, 20; RFC 4475; RFC 5118). */
import { parseNameAddr } from './name-addr';
import { splitList } from './params';
import { isUriText, parseNumber } from './text';
import { parseUri, uriScheme } from './uri';
import { parseVia } from './via';
import type { SipMessage } from './sip-message';
import type { NameAddr, SipFault } from './types';

const MAX_UINT32 = 2 ** 32 - 1;
const BRANCH_COOKIE = 'z9hG4bK';

/** Schemes that a Request-URI may have; others are answered 416 (RFC 3261 section 8.2.2.1). */
const REQUEST_URI_SCHEMES: ReadonlySet<string> = new Set(['sip', 'sips', 'tel', 'urn', 'h323', 'im', 'pres']);

/** Fields that may stand only once, besides those that every message must have. */
const AT_MOST_ONCE = ['Max-Forwards', 'Content-Type', 'Expires', 'Event', 'Session-Expires', 'Min-SE', 'Refer-To', 'Replaces', 'RAck'];
/** Numbers of 32 bits. `Retry-After` and `Session-Expires` carry parameters and are their readers' affair. */
const NUMBERS = ['Expires', 'Min-Expires', 'RSeq'];

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
  if (!REQUEST_URI_SCHEMES.has(scheme)) return { status: 416, reason: `Request-URI scheme ${scheme} is not supported` };
  const parsed = parseUri(uri);
  if (!parsed) return bad('Request-URI is malformed');
  if (parsed.headers !== undefined) return bad('Request-URI with header fields');
  return undefined;
}

/** The fields that requests and responses must have exactly once (RFC 3261 section 8.1.1). */
function commonFault(message: SipMessage): SipFault | undefined {
  const via = viaFault(message);
  if (via) return via;
  for (const name of ['From', 'To', 'Call-ID', 'CSeq']) {
    const count = message.count(name);
    if (count === 0) return bad(`${name} is missing`);
    if (count > 1) return bad(`More than one ${name}`);
  }
  if (message.callId === '' || /[ \t,]/.test(message.callId ?? '')) return bad('Call-ID is malformed');
  if (!message.cseq) return bad('CSeq is malformed or above 2147483647');
  return addressFault('From', message.from) ?? addressFault('To', message.to) ?? numberFault(message);
}

function viaFault(message: SipMessage): SipFault | undefined {
  const via = message.topVia;
  if (!via) return bad(message.has('Via') ? 'Via is malformed' : 'Via is missing');
  return via.branch === BRANCH_COOKIE ? bad('Via branch is nothing but the magic cookie') : undefined;
}

function addressFault(name: string, address: NameAddr | undefined): SipFault | undefined {
  if (!address) return bad(`${name} is malformed`);
  return parseUri(address.uri) ? undefined : bad(`The URI in ${name} is malformed`);
}

function numberFault(message: SipMessage): SipFault | undefined {
  for (const name of NUMBERS) {
    const value = message.get(name);
    if (value !== undefined && parseNumber(value, MAX_UINT32) === undefined) return bad(`${name} is no number of 32 bits`);
  }
  return undefined;
}

function requestFault(message: SipMessage): SipFault | undefined {
  if (message.cseq?.method !== message.method) return bad('The method in CSeq is not that of the request');
  for (const name of AT_MOST_ONCE) if (message.count(name) > 1) return bad(`More than one ${name}`);
  if (message.maxForwards === undefined && message.has('Max-Forwards')) return bad('Max-Forwards is not 0 to 255');
  if (message.method === 'REGISTER' && !/^sips?:/i.test(message.to?.uri ?? '')) return bad('The address of record is no SIP URI');
  return contactFault(message) ?? routeFault(message, 'Route') ?? routeFault(message, 'Record-Route');
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
  if (!message.has(name)) return undefined;
  for (const value of message.getAll(name)) {
    const fault = addressFault(name, parseNameAddr(value));
    if (fault) return fault;
  }
  return undefined;
}

/** A response that would be forwarded to everybody (RFC 4475 section 3.3.12). */
function broadcastFault(message: SipMessage): SipFault | undefined {
  const isAlone = message.count('Via') === 1 && splitList(message.get('Via') ?? '').length === 1;
  if (isAlone) return undefined;
  const next = parseVia(message.getAll('Via')[1] ?? '');
  return next?.host === '255.255.255.255' ? bad('The next Via is a broadcast address') : undefined;
}

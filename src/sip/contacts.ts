import { parseCount, parseNameAddr, parseSipUri, quote, splitList, uriKey, isToken } from './grammar';
import type { Binding } from './location';
import type { SipRequest } from './request';

/** A contact as a REGISTER asks for it. */
export interface RegisteredContact {
  uri: string;
  /** Equal for contacts that RFC 3261 section 19.1.4 calls equal. */
  uriKey: string;
  /** Seconds; 0 takes the binding away. */
  expires: number;
  /** 0 to 1 (RFC 3261 section 20.10). */
  q: number;
  /** `+sip.instance` without angle brackets. */
  instance?: string;
  regId?: number;
  params: Record<string, string>;
}

/** `all`: `Contact: *`, which takes every binding away. No contacts: a query. */
export type ContactWish = { all: true } | { all: false; contacts: RegisteredContact[] } | { fault: string };

const MAX_CONTACTS = 20;
const MAX_CONTACT_LENGTH = 1024;

/** Reads what a REGISTER asks for (RFC 3261 section 10.3 steps 6 and 7). */
export function readContacts(req: Pick<SipRequest, 'get'>, defaultExpires: number): ContactWish {
  const header = req.get('contact')?.trim();
  const general = expiresOf(req.get('expires'));
  if (header === undefined || header === '') return { all: false, contacts: [] };
  if (header === '*') return general === 0 ? { all: true } : { fault: 'Contact * needs Expires 0' };
  const values = splitList(header);
  if (!values || values.length > MAX_CONTACTS) return { fault: 'Contact is malformed or has too many values' };
  const contacts: RegisteredContact[] = [];
  for (const value of values) {
    const nameAddr = value.length <= MAX_CONTACT_LENGTH ? parseNameAddr(value) : undefined;
    const uri = nameAddr && parseSipUri(nameAddr.uri);
    if (!nameAddr || !uri) return { fault: 'A Contact is no SIP URI of reasonable length; * stands alone' };
    const { expires, ...params } = Object.fromEntries(nameAddr.params);
    const q = params.q === undefined ? 1 : qOf(params.q);
    const regId = params['reg-id'] === undefined ? undefined : parseCount(params['reg-id'], 0x7fff_ffff);
    if (q === undefined || regId === 0 || (params['reg-id'] !== undefined && regId === undefined)) return { fault: 'A Contact has a malformed q or reg-id' };
    const instance = params['+sip.instance']?.replace(/^<|>$/g, '');
    contacts.push({ uri: nameAddr.uri, uriKey: uriKey(uri), expires: (expires === undefined ? general : expiresOf(expires)) ?? defaultExpires, q, instance, regId, params });
  }
  return { all: false, contacts };
}

/** A malformed interval counts as an hour (RFC 3261 section 20.19), one too big for 32 bits as the biggest. */
function expiresOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{10,}$/.test(text.trim())) return 0xffff_ffff;
  return parseCount(text) ?? 3600;
}

const qOf = (text: string): number | undefined => (/^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : undefined);

/** One Contact value of a 200 to REGISTER. */
export function contactHeader(binding: Binding, now: number): string {
  const params = Object.entries(binding.params).map(([name, value]) => `;${name}${value === '' ? '' : `=${isToken(value) ? value : quote(value)}`}`);
  return `<${binding.contact}>;expires=${Math.max(1, Math.ceil((binding.expiresAt - now) / 1000))}${params.join('')}`;
}

import { formatNameAddr, parseNameAddr, SipMessage } from '../message';
import type { LocalPoint } from '../transport/flow';
import { localised, ownHeaders, takeBody } from './application-message';
import type { Dialog } from './dialog';
import { authorityOf, contactOf, transportParameter } from './local-uris';
import { Refusal } from './refusal';

type Leaving = { local: LocalPoint; remoteAddress: string };

const SET_OUTSIDE: ReadonlySet<string> = new Set(['From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards']);
const SET_INSIDE: ReadonlySet<string> = new Set(['From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards']);
/** Methods that make a dialog, and those that may move its target (RFC 3261 section 8.1.1.8; RFC 3311, 3515, 6665). */
const CONTACT_OUTSIDE: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER']);
const CONTACT_INSIDE: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER', 'UPDATE', 'NOTIFY']);

/** What stays the same however often a request is composed. */
export interface Identity {
  callId: string;
  tag: string;
  sequence: number;
}

/** A name-addr in angle brackets, so that its parameters are the header's. Throws Refusal. */
function address(header: string, value: string): { text: string; tag: string | undefined } {
  const parsed = parseNameAddr(value);
  if (parsed === undefined) throw new Refusal(`invalid ${header.toLowerCase()} value provided by client: ${value}`);
  return { text: formatNameAddr(parsed), tag: parsed.params.get('tag') };
}

/** A request outside of every dialog, as an application wants it, without Via. Throws Refusal. */
export function requestOutside(wanted: SipMessage, { local, remoteAddress }: Leaving, identity: Identity): SipMessage {
  const authority = authorityOf(local, remoteAddress);
  const request = SipMessage.request(wanted.method, wanted.uri);
  const from = address('From', localised('From', wanted.get('From') ?? contactOf(local, remoteAddress), authority));
  request.set('Max-Forwards', wanted.get('Max-Forwards') ?? '70');
  request.set('From', from.tag === undefined ? `${from.text};tag=${identity.tag}` : from.text);
  request.set('To', address('To', localised('To', wanted.get('To') ?? `<${wanted.uri}>`, authority)).text);
  request.set('Call-ID', identity.callId);
  request.set('CSeq', `${identity.sequence} ${wanted.method}`);
  addRest(request, wanted, SET_OUTSIDE, local, authority);
  if (CONTACT_OUTSIDE.has(wanted.method) && !request.has('Contact')) request.set('Contact', contactOf(local, remoteAddress));
  takeBody(request, wanted);
  return request;
}

/** A request in a dialog, without Via (RFC 3261 section 12.2.1.1). Throws Refusal. */
export function requestInside(dialog: Dialog, wanted: SipMessage, { local, remoteAddress }: Leaving, sequence: number): SipMessage {
  const { method } = wanted;
  const { uri, routes } = dialog.path;
  if (uri === '') throw new Refusal(`unable to find route when sending request inside dialog for dialog id ${dialog.id}`);
  const toTarget = method === 'ACK' || wanted.uri.includes('placeholder') || routes.length > 0;
  const request = SipMessage.request(method, toTarget ? uri : wanted.uri);
  request.set('Max-Forwards', wanted.get('Max-Forwards') ?? '70');
  request.set('From', dialog.local);
  request.set('To', dialog.remote);
  request.set('Call-ID', dialog.callId);
  request.set('CSeq', `${sequence} ${method}`);
  if (routes.length > 0) request.set('Route', routes);
  addRest(request, wanted, SET_INSIDE, local, authorityOf(local, remoteAddress));
  if (CONTACT_INSIDE.has(method) && !request.has('Contact')) request.set('Contact', dialog.localContact);
  takeBody(request, wanted);
  return request;
}

function addRest(request: SipMessage, wanted: SipMessage, except: ReadonlySet<string>, local: LocalPoint, authority: string): void {
  for (const { name, value } of ownHeaders(wanted, except)) {
    const isOurs = name === 'Contact' && value.includes('@localhost');
    request.append(name, isOurs ? withTransport(localised(name, value, authority), local) : localised(name, value, authority));
  }
}

/** A Contact at our address says over which transport we are reached. */
function withTransport(contact: string, local: LocalPoint): string {
  const parsed = parseNameAddr(contact);
  if (parsed === undefined || /;transport=/i.test(parsed.uri)) return contact;
  return formatNameAddr({ ...parsed, uri: parsed.uri + transportParameter(local) });
}

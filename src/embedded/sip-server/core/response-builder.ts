import { SipMessage } from '../message';
import { reasonPhrase } from '../reason-phrases';
import type { ServerTransaction } from '../transaction/server-transaction';
import { localised, ownHeaders, takeBody } from './application-message';
import { authorityOf, contactOf } from './local-uris';

/** What a response takes from its request, whatever the application says. */
const FROM_REQUEST: ReadonlySet<string> = new Set(['From', 'To', 'Call-ID', 'CSeq']);

/** A response of the server's own. */
export function ownResponse(transaction: ServerTransaction, status: number, headers: Record<string, string> = {}): SipMessage {
  const response = SipMessage.responseTo(transaction.request, status, reasonPhrase(status));
  addToTag(response, transaction);
  for (const [name, value] of Object.entries(headers)) response.set(name, value);
  return response;
}

/**
 * The response that an application's message asks for (RFC 3261 sections 8.2.6, 12.1.1 and 13.3.1). Throws Refusal for a body
 * of unknown type.
 */
export function responseFrom(transaction: ServerTransaction, wanted: SipMessage): SipMessage {
  const { request, flow } = transaction;
  const { status } = wanted;
  const response = SipMessage.responseTo(request, status, wanted.reason);
  if (request.toTag === undefined && wanted.toTag !== undefined) transaction.localTag = wanted.toTag;
  addToTag(response, transaction);
  const makesDialog = request.toTag === undefined && (request.method === 'INVITE' || request.method === 'SUBSCRIBE');
  if (makesDialog && status > 100 && status < 300) for (const route of request.getAll('Record-Route')) response.append('Record-Route', route);
  const authority = authorityOf(flow.local, flow.remoteAddress);
  for (const { name, value } of ownHeaders(wanted, FROM_REQUEST)) response.append(name, localised(name, value, authority));
  if (needsContact(request.method, status) && !response.has('Contact')) response.set('Contact', contactOf(flow.local, flow.remoteAddress));
  takeBody(response, wanted);
  return response;
}

/** RFC 3261 sections 8.2.6.2 and 19.3; 100 has none. */
function addToTag(response: SipMessage, transaction: ServerTransaction): void {
  if (response.status === 100 || transaction.request.toTag !== undefined) return;
  response.set('To', `${transaction.request.get('To') ?? ''};tag=${transaction.localTag}`);
}

const needsContact = (method: string, status: number): boolean =>
  status >= 200 && status < 300 && (method === 'INVITE' || method === 'SUBSCRIBE' || method === 'UPDATE');

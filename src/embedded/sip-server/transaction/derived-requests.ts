import { formatVia, SipMessage } from '../message';

/** A request of `method` that shares branch, route and sequence number with `request` (RFC 3261 sections 9.1 and 17.1.1.3). */
function derive(request: SipMessage, method: string, to: string): SipMessage {
  const derived = SipMessage.request(method, request.uri);
  if (request.topVia) derived.set('Via', formatVia(request.topVia));
  derived.set('Max-Forwards', '70');
  derived.set('From', request.get('From') ?? '');
  derived.set('To', to);
  derived.set('Call-ID', request.callId ?? '');
  derived.set('CSeq', `${request.cseq?.seq ?? 0} ${method}`);
  const routes = request.getAll('Route');
  if (routes.length > 0) derived.set('Route', routes);
  return derived;
}

/** The ACK to a final response that is no 2xx. */
export function acknowledge(request: SipMessage, response: SipMessage): SipMessage {
  return derive(request, 'ACK', response.get('To') ?? request.get('To') ?? '');
}

/** The CANCEL of an INVITE, with headers such as Reason of the canceller's. */
export function cancelling(request: SipMessage, headers: ReadonlyMap<string, string>): SipMessage {
  const cancel = derive(request, 'CANCEL', request.get('To') ?? '');
  for (const [name, value] of headers) cancel.set(name, value);
  return cancel;
}

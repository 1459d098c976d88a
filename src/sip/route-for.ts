import { parseSipUri, uriHost } from './grammar';
import type { Binding } from './location';
import { isStream } from './request';

/** How a request to a binding is sent with drachtio-srf: `srf.createUAC(uri, { proxy, headers })`. */
export interface Route {
  /** Request-URI: the contact. */
  uri: string;
  /** Next hop, where it is not the contact itself. */
  proxy?: string;
  /** Route set of the binding's Path (RFC 3327 section 5.3). drachtio-server 0.9 drops Route headers and sends to the next hop. */
  headers?: { Route: string };
}

/**
 * Where requests for a binding go: back over the flow that it was registered over, because firewalls let nothing else in
 * (RFC 5626 section 5.3). `proxy` names the flow's far end: both SIP servers send over a connection that they have to that
 * address, port and transport, or open one, and add no Route header. Never leads to a host that did not send the REGISTER.
 *
 * A contact at the very address that the REGISTER came from is behind no NAT. Over UDP it may listen on another port than it
 * sends from, and after a connection was lost it may take a new one, so then the contact itself is the next hop.
 *
 * drachtio-server 0.9 overrides `proxy` for a contact whose user and host it has seen in a REGISTER over a connection, ports and
 * AOR aside: it sends over that connection, or answers 410 by itself when it is gone. Devices behind different firewalls
 * should therefore not share both user part and private address there.
 */
export function routeFor({ contact, flow, path, state, flowLost }: Binding): Route {
  const uri = parseSipUri(contact);
  const listensThere = uri?.host === flow.address && !uri.params.has('maddr') && !flow.transport.startsWith('ws') && path.length === 0;
  // Header fields that a contact asks for have no place in a request-URI (RFC 3261 section 19.1.1).
  const target = uri?.headers === undefined ? contact : contact.slice(0, -uri.headers.length - 1);
  if (listensThere && (!isStream(flow.transport) || state !== 'reachable' || flowLost)) return { uri: target };
  const route: Route = { uri: target, proxy: `sip:${uriHost(flow.address)}:${flow.port};transport=${flow.transport}` };
  return path.length === 0 ? route : { ...route, headers: { Route: path.join(', ') } };
}

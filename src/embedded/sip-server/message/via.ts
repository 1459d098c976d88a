/** Via (RFC 3261 section 20.42, RFC 3581 `rport`, RFC 5118 section 4.5). */
import { formatParams, readParams } from './params';
import { isSpace, isToken, skipSpace, trimSpace } from './text';
import { formatHostPort, hostEquals, parseHostPort } from './uri';
import type { Via } from './types';

/** One value of a Via header; undefined when malformed. */
export function parseVia(text: string): Via | undefined {
  const params = new Map<string, string>();
  const end = endOfSentBy(text);
  return readParams(text, end, params) ? viaOf(text, end, params) : undefined;
}

/** What can be read of a malformed Via: its sender and the parameters before the fault. undefined when not even the sender can. */
export function salvageVia(text: string): Via | undefined {
  const params = new Map<string, string>();
  const end = endOfSentBy(text);
  readParams(text, end, params);
  return viaOf(text, end, params);
}

function endOfSentBy(text: string): number {
  const semicolon = text.indexOf(';');
  return semicolon === -1 ? text.length : semicolon;
}

function viaOf(text: string, end: number, params: Map<string, string>): Via | undefined {
  // The usual spelling first; white space around the slashes is allowed and rare.
  let at = text.startsWith('SIP/2.0/') ? 8 : afterProtocol(text);
  if (at === -1) return undefined;
  const start = at;
  while (at < end && !isSpace(text.charCodeAt(at))) at++;
  const transport = text.slice(start, at);
  if (!isToken(transport)) return undefined;
  const hostPort = parseHostPort(withoutSpaceAroundColon(trimSpace(text.slice(at, end))));
  if (!hostPort) return undefined;
  const received = params.get('received');
  if (received?.startsWith('[') && received.endsWith(']')) params.set('received', received.slice(1, -1));
  const via: Via = { transport: transport.toUpperCase(), host: hostPort.host, params };
  if (hostPort.port !== undefined) via.port = hostPort.port;
  const branch = params.get('branch');
  if (branch !== undefined) via.branch = branch;
  return via;
}

/** Index of the transport after `SIP / version /`; any version, as a refused one is answered along its Via. -1 for anything else. */
function afterProtocol(text: string): number {
  const first = text.indexOf('/');
  const second = text.indexOf('/', first + 1);
  if (first === -1 || second === -1) return -1;
  if (trimSpace(text.slice(0, first)).toUpperCase() !== 'SIP' || !isToken(trimSpace(text.slice(first + 1, second)))) return -1;
  return skipSpace(text, second + 1);
}

/** `host : port` is allowed in Via (RFC 3261 section 25.1, COLON). */
function withoutSpaceAroundColon(sentBy: string): string {
  if (!sentBy.includes(' ') && !sentBy.includes('\t')) return sentBy;
  const colon = sentBy.lastIndexOf(':');
  return `${trimSpace(sentBy.slice(0, colon))}:${trimSpace(sentBy.slice(colon + 1))}`;
}

/** A Via value as text; parameters in their order. */
export function formatVia(via: Via): string {
  return `SIP/2.0/${via.transport} ${formatHostPort(via.host, via.port)}${formatParams(via.params)}`;
}

/** RFC 3261 section 18.2.2, RFC 7118 section 4.1 (WebSocket: those of HTTP). */
const DEFAULT_PORTS: Readonly<Record<string, number>> = { TLS: 5061, WS: 80, WSS: 443 };
const portOf = (via: Via): number => via.port ?? DEFAULT_PORTS[via.transport] ?? 5060;

/** Whether two Vias name the same sender: part of the server transaction's key (RFC 3261 section 17.2.3). */
export function sentByEquals(a: Via, b: Via): boolean {
  return hostEquals(a.host, b.host) && portOf(a) === portOf(b);
}

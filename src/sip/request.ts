/** What the edge uses of drachtio-srf's request and response objects, and what it reads from them. */

/** The part of drachtio-srf's `Request` that the edge relies on. */
export interface SipRequest {
  readonly method: string;
  /** Request-URI as received. */
  readonly uri: string;
  readonly body?: string;
  /** The whole message as the SIP server handed it over. */
  readonly raw?: string;
  /** Where the message came from, as the SIP server saw it: never what a header claims. */
  readonly source_address: string;
  readonly source_port: number;
  readonly protocol: string;
  /** A header's value; several rows of one header arrive joined by commas. */
  get(name: string): string | undefined;
}

/** Header values are strings; drachtio-srf writes one row for each. */
export type Headers = Record<string, string>;

/** The part of drachtio-srf's `Response` that the edge relies on. */
export interface SipResponse {
  send(status: number, options: { headers?: Headers }): unknown;
}

/** A final answer to a request. */
export interface Answer {
  /** SIP status, RFC 3261 section 21. */
  status: number;
  headers?: Headers;
  body?: string;
}

export const TRANSPORTS = ['udp', 'tcp', 'tls', 'ws', 'wss'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** Where a request came from, and so where its sender is reached through its firewall (RFC 5626 section 3.1). */
export interface Flow {
  transport: Transport;
  /** Numeric, IPv6 without brackets. */
  address: string;
  port: number;
}

/** True for transports with a connection that ends with one of the two programs. */
export const isStream = (transport: Transport): boolean => transport !== 'udp';

export const flowKey = (flow: Flow): string => `${flow.transport}/${flow.address}/${flow.port}`;

/**
 * The flow of a received request; undefined for a transport that is none of ours. drachtio-server 0.9 calls a WebSocket `tcp`:
 * there the sender's own Via tells (RFC 7118 section 5.2.1), who can but mislead requests to itself.
 */
export function flowOf(req: SipRequest): Flow | undefined {
  const seen = req.protocol?.toLowerCase();
  const webSocket = seen === 'tcp' ? /^SIP\/2\.0\/(WSS?)\s/i.exec(req.get('Via') ?? '')?.[1]?.toLowerCase() : undefined;
  const transport = TRANSPORTS.find((known) => known === (webSocket ?? seen));
  return transport && { transport, address: sourceAddress(req), port: req.source_port };
}

/** The sender's numeric address, IPv6 without brackets, an IPv4 address mapped into IPv6 as IPv4. */
export function sourceAddress(req: SipRequest): string {
  return req.source_address.replace(/^\[|\]$/g, '').replace(/^::ffff:(?=\d+\.)/i, '').toLowerCase();
}

/**
 * Several rows of one header as the single value that drachtio-srf and drachtio-server can carry: the server splits it into
 * rows again. Needed for WWW-Authenticate, which must not be joined by commas (RFC 3261 section 7.3.1).
 */
export const headerRows = (name: string, values: readonly string[]): string => values.join(`\r\n${name}: `);

/** One header row as received; `name` is lower case with the compact form expanded. */
export interface HeaderRow {
  name: string;
  value: string;
}

/** RFC 3261 section 7.3.3 and the registry of header fields. */
const COMPACT: Record<string, string> = {
  a: 'accept-contact', b: 'referred-by', c: 'content-type', d: 'request-disposition', e: 'content-encoding', f: 'from',
  i: 'call-id', j: 'reject-contact', k: 'supported', l: 'content-length', m: 'contact', o: 'event', r: 'refer-to',
  s: 'subject', t: 'to', u: 'allow-events', v: 'via', x: 'session-expires', y: 'identity',
};

/** A message's header rows and body as they came over the wire; folded rows are joined (RFC 3261 section 7.3.1). */
export interface WireMessage {
  startLine: string;
  rows: HeaderRow[];
  /** Rows that are no `name: value`. */
  malformedRows: number;
  body: string;
}

/** Takes a message apart row by row, because drachtio-srf's own parse joins repeated headers and so hides them. */
export function parseWire(raw: string): WireMessage {
  const end = raw.indexOf('\r\n\r\n');
  const head = (end < 0 ? raw : raw.slice(0, end)).split(/\r\n(?![ \t])/);
  const rows: HeaderRow[] = [];
  let malformedRows = 0;
  for (const line of head.slice(1)) {
    if (line === '') continue;
    const match = /^([^\s:]+)[ \t]*:([\s\S]*)$/.exec(line);
    if (!match) {
      malformedRows++;
      continue;
    }
    const name = match[1]!.toLowerCase();
    rows.push({ name: COMPACT[name] ?? name, value: match[2]!.replace(/\r\n[ \t]+/g, ' ').trim() });
  }
  return { startLine: head[0] ?? '', rows, malformedRows, body: end < 0 ? '' : raw.slice(end + 4) };
}

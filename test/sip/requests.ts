import Request from 'drachtio-srf/lib/request';
import SipMessage from 'drachtio-srf/lib/sip-parser/message';
import { createHash } from 'node:crypto';
import { type DigestAlgorithm, digestResponse, parseAuthorization } from '../../src/sip/digest-credentials';
import type { SipRequest } from '../../src/sip/request';

export interface Source {
  address?: string;
  port?: number;
  protocol?: string;
}

/** A request as drachtio-srf makes it from bytes, with the source that the SIP server reports. */
export function fromWire(raw: string, { address = '192.0.2.10', port = 5060, protocol = 'udp' }: Source = {}): SipRequest {
  return new Request(new SipMessage(raw), { source: 'network', address, port: String(port), protocol, time: '', transactionId: '1', dialogId: '' });
}

export interface RequestParts {
  method?: string;
  uri?: string;
  /** Rows that replace the default row of the same name; null leaves it out, an array repeats it. */
  headers?: Record<string, string | string[] | null>;
  body?: string;
  source?: Source;
}

/** The bytes of a request with every header that RFC 3261 section 8.1.1 wants. */
export function wire({ method = 'REGISTER', uri = 'sip:palvelu.example', headers = {}, body = '' }: RequestParts = {}): string {
  const all: Record<string, string | string[] | null> = {
    'Via': 'SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK1;rport',
    'From': '<sip:ex90-1@ahtari.palvelu.example>;tag=1',
    'To': '<sip:ex90-1@ahtari.palvelu.example>',
    'Call-ID': 'call-1@192.0.2.10',
    'CSeq': `1 ${method}`,
    'Max-Forwards': '70',
    'Content-Length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const rows = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [value].flat().map((one) => `${name}: ${one}\r\n`)));
  return `${method} ${uri} SIP/2.0\r\n${rows.join('')}\r\n${body}`;
}

export const request = (parts: RequestParts = {}): SipRequest => fromWire(wire(parts), parts.source);

export const hash = (algorithm: DigestAlgorithm, text: string): string =>
  createHash(algorithm === 'MD5' ? 'md5' : 'sha256').update(text).digest('hex');

export interface ClientDigest {
  username: string;
  password: string;
  method?: string;
  uri?: string;
  algorithm?: DigestAlgorithm;
  nc?: string;
  cnonce?: string;
  /** Overrides of the header's parameters after the response was computed. */
  tamper?: (header: string) => string;
  withoutQop?: boolean;
}

/** The challenge of one algorithm among the WWW-Authenticate rows of a 401. */
export function challengeOf(header: string, algorithm: DigestAlgorithm): { realm: string; nonce: string; stale: boolean } {
  const row = header.split('\r\n').find((line) => line.includes(`algorithm=${algorithm},`));
  const param = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(row ?? '')?.[1] ?? '';
  return { realm: param('realm'), nonce: param('nonce'), stale: /stale=true/.test(row ?? '') };
}

/** The Authorization value that a client answers a challenge with, computed by RFC 7616 section 3.4. */
export function authorize(challenge: string, client: ClientDigest): string {
  const { username, password, method = 'REGISTER', uri = 'sip:palvelu.example', algorithm = 'SHA-256', nc = '00000001', cnonce = 'abc', withoutQop } = client;
  const { realm, nonce } = challengeOf(challenge, algorithm);
  const qop = withoutQop ? undefined : { value: 'auth', nc, cnonce };
  const response = digestResponse({ algorithm, ha1: hash(algorithm, `${username}:${realm}:${password}`), method, uri, nonce, qop }, hash);
  const header = `Digest username="${username}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}", algorithm=${algorithm}`
    + (qop ? `, qop=auth, nc=${nc}, cnonce="${cnonce}"` : '');
  if (parseAuthorization(header).length !== 1) throw new Error(`not an Authorization value: ${header}`);
  return client.tamper ? client.tamper(header) : header;
}

import { isToken, parseSipUri, splitList, unquote } from './grammar';

/** Strongest first (RFC 8760 section 2.3). */
export const DIGEST_ALGORITHMS = ['SHA-256', 'MD5'] as const;
export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

export type HashFunction = (algorithm: DigestAlgorithm, text: string) => string;

/** One `Digest` element of an Authorization header, unquoted (RFC 7616 section 3.4). */
export interface DigestCredentials {
  username: string;
  realm: string;
  nonce: string;
  uri: string;
  response: string;
  algorithm: string;
  qop?: string;
  cnonce?: string;
  /** Nonce count as sent: eight hexadecimal digits. */
  nc?: string;
}

const MAX_HEADER = 4096;

/**
 * All Digest credentials of an Authorization value; several rows of the header may have been joined by commas. Elements of
 * other schemes and incomplete ones are left out.
 */
export function parseAuthorization(value: string): DigestCredentials[] {
  if (value.length > MAX_HEADER) return [];
  const found: Map<string, string>[] = [];
  for (const part of splitList(value) ?? []) {
    const scheme = /^([\w\-.!%*+`'~]+)[ \t]+(?=[\w-]+[ \t]*=)/.exec(part);
    if (scheme) found.push(new Map([['', scheme[1]!.toLowerCase()]]));
    const pair = scheme ? part.slice(scheme[0].length) : part;
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(equals, 0)).trim().toLowerCase();
    const params = found.at(-1);
    // A parameter that comes twice makes the element ambiguous: it is spoilt rather than guessed at.
    if (params && isToken(name)) params.set(params.has(name) ? '' : name, unquote(pair.slice(equals + 1).trim()));
  }
  return found.filter((params) => params.get('') === 'digest').flatMap(toCredentials);
}

function toCredentials(params: Map<string, string>): DigestCredentials[] {
  const [username, realm, nonce, uri, response] = ['username', 'realm', 'nonce', 'uri', 'response'].map((name) => params.get(name));
  if (username === undefined || realm === undefined || nonce === undefined || uri === undefined || response === undefined) return [];
  const algorithm = params.get('algorithm') ?? 'MD5';
  return [{ username, realm, nonce, uri, response, algorithm, qop: params.get('qop'), cnonce: params.get('cnonce'), nc: params.get('nc') }];
}

/** What a response is computed from, besides the secret (RFC 7616 section 3.4.1). */
export interface DigestInput {
  algorithm: DigestAlgorithm;
  /** H(username ":" realm ":" password), lower-case hexadecimal. */
  ha1: string;
  method: string;
  uri: string;
  nonce: string;
  /** Absent: the form of RFC 2069, without nonce count and client nonce. */
  qop?: { value: string; nc: string; cnonce: string };
}

/** The `response` that a client with this secret sends; two hash computations whatever the input. */
export function digestResponse({ algorithm, ha1, method, uri, nonce, qop }: DigestInput, hash: HashFunction): string {
  const ha2 = hash(algorithm, `${method}:${uri}`);
  return hash(algorithm, [ha1, nonce, ...(qop ? [qop.nc, qop.cnonce, qop.value] : []), ha2].join(':'));
}

/**
 * Whether a digest-uri names what the request-URI names (RFC 7616 section 3.4.6, RFC 3261 section 22.4): hosts are equal or
 * both our own, users are equal. Parameters and ports may differ, because proxies on the way rewrite them, and a digest-uri
 * without user is taken for any user of the host, because TANDBERG clients and sipp sign `sip:domain`.
 */
export function sameResource(digestUri: string, requestUri: string, isOurHost: (host: string) => boolean): boolean {
  if (digestUri === requestUri) return true;
  const signed = parseSipUri(digestUri);
  const requested = parseSipUri(requestUri);
  if (!signed || !requested) return false;
  const sameHost = signed.host === requested.host || (isOurHost(signed.host) && isOurHost(requested.host));
  return sameHost && (signed.user === undefined || signed.user === requested.user);
}

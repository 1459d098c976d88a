import { createHash, randomBytes } from 'node:crypto';

/** Client side of digest authentication with qop=auth or none (RFC 7616 section 3.4; RFC 8760 for SHA-256 in SIP). */
export interface Challenge {
  /** Name of the header that answers it. */
  answerHeader: 'Authorization' | 'Proxy-Authorization';
  realm: string;
  nonce: string;
  opaque?: string;
  algorithm: 'MD5' | 'SHA-256';
  qop: boolean;
  stale: boolean;
}

const HEADER = /^(WWW|Proxy)-Authenticate[ \t]*:[ \t]*Digest[ \t]+(.*)$/gim;
const PARAMETER = /([\w-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g;
const ALGORITHMS = ['MD5', 'SHA-256'] as const;

/** Challenges of a 401 or 407, as received, in their order; those with algorithms we do not know are left out. */
export function readChallenges(response: string): Challenge[] {
  const challenges: Challenge[] = [];
  for (const [, kind = '', rest = ''] of response.matchAll(HEADER)) {
    const params = new Map([...rest.matchAll(PARAMETER)].map(([, name = '', quoted, token]) =>
      [name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? token ?? ''] as const));
    const algorithm = ALGORITHMS.find((name) => name === (params.get('algorithm') ?? 'MD5').toUpperCase());
    const realm = params.get('realm');
    const nonce = params.get('nonce');
    if (algorithm === undefined || realm === undefined || nonce === undefined) continue;
    const opaque = params.get('opaque');
    challenges.push({
      answerHeader: kind.toLowerCase() === 'proxy' ? 'Proxy-Authorization' : 'Authorization', realm, nonce, algorithm,
      qop: (params.get('qop') ?? '').toLowerCase().split(/[\s,]+/).includes('auth'), stale: params.get('stale')?.toLowerCase() === 'true',
      ...(opaque === undefined ? {} : { opaque }),
    });
  }
  return challenges;
}

/** The header value that answers a challenge for one request. */
export function answerChallenge(challenge: Challenge, method: string, uri: string, username: string, password: string): string {
  const hash = (text: string): string => createHash(challenge.algorithm === 'MD5' ? 'md5' : 'sha256').update(text).digest('hex');
  const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
  const ha1 = hash(`${username}:${challenge.realm}:${password}`);
  const ha2 = hash(`${method}:${uri}`);
  const nc = '00000001';
  const cnonce = randomBytes(8).toString('hex');
  const response = hash(challenge.qop ? `${ha1}:${challenge.nonce}:${nc}:${cnonce}:auth:${ha2}` : `${ha1}:${challenge.nonce}:${ha2}`);
  return `Digest ${[
    `username=${quoted(username)}`, `realm=${quoted(challenge.realm)}`, `nonce=${quoted(challenge.nonce)}`, `uri=${quoted(uri)}`,
    `response="${response}"`, `algorithm=${challenge.algorithm}`,
    ...(challenge.opaque === undefined ? [] : [`opaque=${quoted(challenge.opaque)}`]),
    ...(challenge.qop ? ['qop=auth', `nc=${nc}`, `cnonce="${cnonce}"`] : []),
  ].join(', ')}`;
}

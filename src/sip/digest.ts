import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Credentials } from '../directory/model';
import {
  DIGEST_ALGORITHMS, type DigestAlgorithm, type DigestCredentials, digestResponse, type HashFunction, parseAuthorization, sameResource,
} from './digest-credentials';
import { quote } from './grammar';
import { Nonces } from './nonces';
import { type Headers, headerRows, type SipRequest } from './request';
import { steadyNow } from './steady-clock';

/** Who a set of credentials belongs to. */
export interface Identity {
  /** Device address, the only AOR that these credentials may use. */
  aor: string;
  credentials: Credentials;
}

/**
 * Finds whom a username belongs to. `aor` is what the request claims to be, to tell devices with the same short username
 * apart; it proves nothing.
 */
export type FindIdentity = (username: string, aor: string) => Promise<Identity | undefined>;

export type DigestOutcome =
  | { kind: 'authenticated'; identity: Identity }
  /** No credentials for our realm. */
  | { kind: 'missing' }
  /** The digest is right, but its nonce is too old or the nonce count was used before. */
  | { kind: 'stale'; username: string }
  | { kind: 'wrong'; username: string; reason: DigestFault };

/** For counters and logs; the sender is never told. */
export type DigestFault = 'algorithm' | 'qop' | 'nonce' | 'uri' | 'response';

export interface DigestOptions {
  /** Also the realm of every HA1 in the directory; the configured domain. */
  realm: string;
  /** At least 32 random bytes, made once for the installation and kept. */
  key: Buffer;
  findIdentity: FindIdentity;
  /** Hosts that name this system, for comparing URIs. */
  isOurHost?(host: string): boolean;
  /** Offered algorithms. A directory that knows MD5 hashes alone must offer MD5 alone: a client takes the first it can. */
  algorithms?: readonly DigestAlgorithm[];
  nonceLifetimeSeconds?: number;
  nonceCapacity?: number;
  /** Takes clients that ignore `qop` (RFC 2069), which RFC 3261 section 22.4 item 8 and RFC 7616 forbid. */
  allowWithoutQop?: boolean;
  now?(): number;
  hash?: HashFunction;
}

const hexHash: HashFunction = (algorithm, text) => createHash(algorithm === 'MD5' ? 'md5' : 'sha256').update(text).digest('hex');
const HEX_LENGTH: Record<DigestAlgorithm, number> = { 'MD5': 32, 'SHA-256': 64 };

/** Digest authentication of SIP requests, the server's side (RFC 7616, RFC 8760, RFC 3261 section 22). */
export class DigestAuthenticator {
  private readonly nonces: Nonces;
  private readonly algorithms: readonly DigestAlgorithm[];
  private readonly hash: HashFunction;

  constructor(private readonly options: DigestOptions) {
    const { key, realm, nonceLifetimeSeconds = 300, nonceCapacity = 100_000, now = steadyNow } = options;
    this.algorithms = DIGEST_ALGORITHMS.filter((algorithm) => (options.algorithms ?? DIGEST_ALGORITHMS).includes(algorithm));
    this.hash = options.hash ?? hexHash;
    this.nonces = new Nonces({ key, realm, lifetimeMs: nonceLifetimeSeconds * 1000, capacity: nonceCapacity, now });
  }

  /** Headers of a 401: one challenge for each algorithm, strongest first (RFC 8760 section 2.4). */
  challenge(stale = false): Headers {
    const nonce = this.nonces.issue();
    const rows = this.algorithms.map((algorithm) =>
      `Digest realm=${quote(this.options.realm)}, nonce="${nonce}", algorithm=${algorithm}, qop="auth"${stale ? ', stale=true' : ''}`);
    return { 'WWW-Authenticate': headerRows('WWW-Authenticate', rows) };
  }

  /**
   * Checks the credentials of a request. An unknown user costs and gets the same as a known one with a wrong password.
   * @param aor what the request claims to be, from From or To.
   */
  async verify(req: Pick<SipRequest, 'method' | 'uri' | 'get'>, aor: string): Promise<DigestOutcome> {
    const sent = parseAuthorization(req.get('authorization') ?? '').find(({ realm }) => realm === this.options.realm);
    if (!sent) return { kind: 'missing' };
    const { username } = sent;
    const wrong = (reason: DigestFault): DigestOutcome => ({ kind: 'wrong', username, reason });
    const algorithm = this.algorithms.find((known) => known === sent.algorithm.toUpperCase());
    if (!algorithm) return wrong('algorithm');
    const qop = this.qopOf(sent);
    if (qop === 'refused') return wrong('qop');
    const state = this.nonces.state(sent.nonce);
    if (state === 'forged') return wrong('nonce');
    // The domain of an address that these credentials prove to be ours is one that we serve.
    const isOurs = (host: string) => aor.endsWith(`@${host}`) || this.options.isOurHost?.(host) === true;
    if (!sameResource(sent.uri, req.uri, isOurs)) return wrong('uri');

    const identity = await this.options.findIdentity(username, aor);
    const ha1 = this.ha1Of(identity, algorithm);
    const dummy = this.dummy(algorithm, username);
    const expected = digestResponse({ algorithm, ha1: ha1 ?? dummy, method: req.method, uri: sent.uri, nonce: sent.nonce, qop }, this.hash);
    if (!equalHex(expected, sent.response) || !identity || !ha1) return wrong('response');
    // Stale is told only to those who know the secret (RFC 7616 section 3.3); they try again without asking anyone.
    if (state === 'expired' || !this.nonces.take(sent.nonce, qop ? Number.parseInt(qop.nc, 16) : 1)) return { kind: 'stale', username };
    return { kind: 'authenticated', identity };
  }

  private qopOf({ qop, nc, cnonce }: DigestCredentials): { value: string; nc: string; cnonce: string } | undefined | 'refused' {
    if (qop === undefined) return this.options.allowWithoutQop ? undefined : 'refused';
    return qop.toLowerCase() === 'auth' && cnonce && nc && /^[0-9a-f]{8}$/i.test(nc) ? { value: qop, nc, cnonce } : 'refused';
  }

  private ha1Of(identity: Identity | undefined, algorithm: DigestAlgorithm): string | undefined {
    if (identity?.credentials.realm !== this.options.realm) return undefined;
    const ha1 = algorithm === 'MD5' ? identity.credentials.ha1Md5 : identity.credentials.ha1Sha256;
    return ha1?.length === HEX_LENGTH[algorithm] ? ha1.toLowerCase() : undefined;
  }

  /** A secret that nobody has, for users that do not exist. */
  private dummy(algorithm: DigestAlgorithm, username: string): string {
    return createHmac('sha256', this.options.key).update('no such user\0').update(username).digest('hex').slice(0, HEX_LENGTH[algorithm]);
  }
}

/** Compares without telling by its duration where two texts differ. */
function equalHex(expected: string, sent: string): boolean {
  const given = Buffer.alloc(expected.length);
  given.write(sent.toLowerCase(), 'latin1');
  return timingSafeEqual(Buffer.from(expected, 'latin1'), given) && sent.length === expected.length;
}

import { createHash, createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import { encode } from '../per';
import { h225, h235 } from '../schemas';
import { aliasText, sameAddress, type HostPort } from './addresses';

/** Cisco access token: an MD5 hash of a random octet, the password and the time. */
export const CAT = '1.2.840.113548.10.1.2.1';
/** H.235.1 procedure I: hashed token over the whole message; the clear token in it; HMAC-SHA1-96. */
export const H235_1 = { A: '0.0.8.235.0.2.1', T: '0.0.8.235.0.2.5', U: '0.0.8.235.0.2.6' } as const;

/** MD5: with it, the hashed password of H.225.0's own (cryptoEPPwdHash, cryptoGKPwdHash), over name, password and time. */
export const MD5 = '1.2.840.113549.2.5';

const HASH_OCTETS = 12;
/** Keys that are kept; the oldest go. */
const MAX_KEYS = 10_000;

/** Seconds by which the clocks of an endpoint and the gatekeeper may differ. */
const WINDOW_SECONDS = 300;

export type AuthenticationFault = 'missing' | 'wrong' | 'clock' | 'replayed';
export type AuthenticationMethod = 'cat' | 'md5' | 'h235.1';
export type AuthenticationResult = { method: AuthenticationMethod } | { fault: AuthenticationFault };

/** The parts of RAS messages that authentication looks at. */
export interface Tokens {
  tokens?: h235.ClearToken[];
  cryptoTokens?: h225.CryptoH323Token[];
}

/** Checks the tokens of RAS messages, each token once. */
export class Authenticator {
  /** Tokens that were accepted within the window, with the second in which they leave it, and who sent them. */
  private readonly seen = new Map<string, { until: number; source: HostPort }>();

  /** `now` in milliseconds since 1970; `maxSeen` bounds the memory of tokens: over it the oldest go. */
  constructor(private readonly now: () => number, private readonly maxSeen = 100_000) {}

  /**
   * Checks a message against the password of its sender.
   * @param message the octets as received: H.235.1 covers all of them
   * @param sender how the sender is called here, so that a token of one does not replay another's
   * @param recipient the gatekeeper's identifier, which an H.235.1 token names
   * @param source where it comes from
   */
  check(message: Buffer, { tokens, cryptoTokens }: Tokens, password: string, sender: string, recipient: string, source: HostPort): AuthenticationResult {
    const hashed = hashedToken(cryptoTokens);
    if (hashed) return this.checkHashed(message, hashed, password, sender, recipient, source);
    const cat = tokens?.find(({ tokenOID }) => tokenOID === CAT);
    if (cat) return this.checkCat(cat, password, sender, source);
    const hash = passwordHash(cryptoTokens);
    return hash ? this.checkPasswordHash(hash, password, sender, source) : { fault: 'missing' };
  }

  /** Such a token has nothing but the second that tells it from the next: within one, its sender may use it again, and nobody else. */
  private checkPasswordHash({ name, timeStamp, token }: PasswordHash, password: string, sender: string, source: HostPort): AuthenticationResult {
    const right = [`${name}\0`, name].some((id, index) => equal(token.hash.value, hashOfPassword(id, index === 0 ? `${password}\0` : password, timeStamp)));
    return right ? this.once(sender, timeStamp, token.hash.value.toString('hex'), 'md5', source) : { fault: 'wrong' };
  }

  private checkCat({ timeStamp, random, challenge }: h235.ClearToken, password: string, sender: string, source: HostPort): AuthenticationResult {
    if (timeStamp === undefined || random === undefined || !challenge) return { fault: 'wrong' };
    if (!equal(challenge, catChallenge(password, Number(random), timeStamp))) return { fault: 'wrong' };
    return this.once(sender, timeStamp, `${random}`, 'cat', source);
  }

  private checkHashed(message: Buffer, { hashedVals, token }: HashedToken, password: string, sender: string, recipient: string, source: HostPort): AuthenticationResult {
    const { timeStamp, random, generalID } = hashedVals;
    if (hashedVals.tokenOID !== H235_1.T || token.algorithmOID !== H235_1.U || token.hash.length !== HASH_OCTETS * 8) return { fault: 'wrong' };
    // Endpoints that have not been told the gatekeeper's name leave it out.
    if (timeStamp === undefined || random === undefined || (generalID !== undefined && generalID !== recipient)) return { fault: 'wrong' };
    const blank = blanked(message, token.hash.value);
    if (!blank || !equal(token.hash.value, hmac(blank, password))) return { fault: 'wrong' };
    return this.once(sender, timeStamp, `${random}`, 'h235.1', source);
  }

  private once(sender: string, timeStamp: number, random: string, method: AuthenticationMethod, source: HostPort): AuthenticationResult {
    const second = Math.floor(this.now() / 1000);
    if (Math.abs(second - timeStamp) > WINDOW_SECONDS) return { fault: 'clock' };
    const key = `${sender}\n${timeStamp}\n${random}`;
    this.forget(second);
    const before = this.seen.get(key);
    if (before && !(method === 'md5' && sameAddress(before.source, source))) return { fault: 'replayed' };
    if (!before) this.seen.set(key, { until: second + 2 * WINDOW_SECONDS, source });
    return { method };
  }

  /** Tokens stand in the order of their coming, so those that leave the window are the first. */
  private forget(second: number): void {
    for (const [key, { until }] of this.seen) {
      if (until > second && this.seen.size < this.maxSeen) return;
      this.seen.delete(key);
    }
  }
}

interface HashedToken {
  hashedVals: h235.ClearToken;
  token: h235.Hashed;
}

function hashedToken(cryptoTokens: h225.CryptoH323Token[] | undefined): HashedToken | undefined {
  for (const token of cryptoTokens ?? []) {
    if ('nestedcryptoToken' in token && 'cryptoHashedToken' in token.nestedcryptoToken && token.nestedcryptoToken.cryptoHashedToken.tokenOID === H235_1.A) {
      return token.nestedcryptoToken.cryptoHashedToken;
    }
  }
  return undefined;
}

interface PasswordHash {
  name: string;
  timeStamp: number;
  token: h235.Hashed;
}

function passwordHash(cryptoTokens: h225.CryptoH323Token[] | undefined): PasswordHash | undefined {
  for (const token of cryptoTokens ?? []) {
    if ('cryptoEPPwdHash' in token && token.cryptoEPPwdHash.token.algorithmOID === MD5) {
      const { alias, ...rest } = token.cryptoEPPwdHash;
      return { name: aliasText(alias) ?? '', ...rest };
    }
    if ('cryptoGKPwdHash' in token && token.cryptoGKPwdHash.token.algorithmOID === MD5) {
      const { gatekeeperId: name, ...rest } = token.cryptoGKPwdHash;
      return { name, ...rest };
    }
  }
  return undefined;
}

/** H.225.0 has the hash over an encoded clear token; endpoints end name and password in it with a null character. */
function hashOfPassword(generalID: string, password: string, timeStamp: number): Buffer {
  if (generalID.length < 1 || generalID.length > 128 || password.length > 128) return Buffer.alloc(0);
  return createHash('md5').update(encode(h235.ClearToken, { tokenOID: '0.0', timeStamp, password, generalID })).digest();
}

/** The hashed password of a gatekeeper. `timeStamp` in seconds since 1970. */
export function gatekeeperPasswordHash(gatekeeperId: string, password: string, timeStamp: number): h225.CryptoH323Token {
  const value = hashOfPassword(`${gatekeeperId}\0`, `${password}\0`, timeStamp);
  return { cryptoGKPwdHash: { gatekeeperId, timeStamp, token: { algorithmOID: MD5, paramS: {}, hash: { value, length: value.length * 8 } } } };
}

const equal = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

function catChallenge(password: string, random: number, timeStamp: number): Buffer {
  const time = Buffer.alloc(4);
  time.writeUInt32BE(timeStamp);
  return createHash('md5').update(Buffer.from([random & 0xff])).update(password, 'utf8').update(time).digest();
}

/** HMAC-SHA1-96 under the SHA-1 hash of the password. */
function hmac(message: Buffer, password: string): Buffer {
  return createHmac('sha1', keyOf(password)).update(message).digest().subarray(0, HASH_OCTETS);
}

/** Each message of an endpoint needs its key twice: those used last are kept. */
const keys = new Map<string, KeyObject>();

function keyOf(password: string): KeyObject {
  const known = keys.get(password);
  if (known) return known;
  const key = createSecretKey(createHash('sha1').update(password, 'utf8').digest());
  if (keys.size >= MAX_KEYS) keys.delete(keys.keys().next().value!);
  keys.set(password, key);
  return key;
}

/** The message with zeros where the hash stands, undefined when it stands nowhere or twice. */
function blanked(message: Buffer, hash: Buffer): Buffer | undefined {
  const at = message.indexOf(hash);
  if (at < 0 || message.indexOf(hash, at + 1) >= 0) return undefined;
  return Buffer.concat([message.subarray(0, at), Buffer.alloc(hash.length), message.subarray(at + hash.length)]);
}

/** A Cisco access token. `timeStamp` in seconds since 1970, `random` an octet. */
export function catToken(generalID: string, password: string, timeStamp: number, random: number): h235.ClearToken {
  return { tokenOID: CAT, timeStamp, generalID, random, challenge: catChallenge(password, random, timeStamp) };
}

export interface Signer {
  password: string;
  sendersID: string;
  generalID: string;
  timeStamp: number;
  random: number;
}

/** Encodes a RAS message with an H.235.1 token over it. `place` puts the token's list into the message. */
export function encodeSigned(place: (cryptoTokens: h225.CryptoH323Token[]) => h225.RasMessage, { password, sendersID, generalID, timeStamp, random }: Signer, marker: Buffer): Buffer {
  const octets = encode(h225.RasMessage, place([{ nestedcryptoToken: { cryptoHashedToken: {
    tokenOID: H235_1.A, hashedVals: { tokenOID: H235_1.T, timeStamp, random, generalID, sendersID },
    token: { algorithmOID: H235_1.U, paramS: {}, hash: { value: marker, length: HASH_OCTETS * 8 } },
  } } }]));
  const at = octets.indexOf(marker);
  octets.fill(0, at, at + HASH_OCTETS);
  hmac(octets, password).copy(octets, at);
  return octets;
}

import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject, type KeyPairKeyObjectResult } from 'node:crypto';
import { GROUPS, type Group } from './algorithms';

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const BIT_STRING = 0x03;

/** As Node documents it; its types leave out `dh`. */
const generate = generateKeyPairSync as unknown as (type: 'dh', options: { group: string }) => KeyPairKeyObjectResult;

/**
 * One side's half of a Diffie-Hellman exchange. By key objects, because `getDiffieHellman` tests the prime of 1024 bits anew each
 * time, which takes a fifth of a second of everybody's; half keys have no other form there than a certificate's.
 */
export class DiffieHellmanHalf {
  private readonly privateKey: KeyObject;
  /** As X.509 has it: SEQUENCE { algorithm and parameters, BIT STRING { INTEGER } }. */
  private readonly algorithm: Buffer;
  /** All as long as the prime. */
  readonly halfKey: Buffer;
  readonly prime: Buffer;
  readonly generator: Buffer;

  constructor(group: Group) {
    const { publicKey, privateKey } = generate('dh', { group: GROUPS[group].name });
    const length = group / 8;
    const [algorithm, key] = elements(elements(publicKey.export({ format: 'der', type: 'spki' }))[0]!.contents);
    const [, parameters] = elements(algorithm!.contents);
    const [prime, generator] = elements(parameters!.contents);
    this.privateKey = privateKey;
    this.algorithm = algorithm!.whole;
    this.prime = resized(prime!.contents, length);
    this.generator = resized(generator!.contents, length);
    // The first octet of a BIT STRING counts unused bits: none.
    this.halfKey = resized(elements(key!.contents.subarray(1))[0]!.contents, length);
  }

  /** As long as the prime; fails on half keys that are out of range or give the secret away. */
  secret(halfKey: Buffer): Buffer {
    const significant = halfKey.subarray(firstNonZero(halfKey));
    // An INTEGER is negative where its first bit is set.
    const integer = element(INTEGER, (significant[0] ?? 0xff) < 0x80 ? significant : Buffer.concat([Buffer.alloc(1), significant]));
    const key = element(SEQUENCE, Buffer.concat([this.algorithm, element(BIT_STRING, Buffer.concat([Buffer.alloc(1), integer]))]));
    const secret = diffieHellman({ privateKey: this.privateKey, publicKey: createPublicKey({ key, format: 'der', type: 'spki' }) });
    return resized(secret, this.prime.length);
  }
}

/** DER elements one after another; only ever of what was exported here. */
function elements(der: Buffer): { whole: Buffer; contents: Buffer }[] {
  const found: { whole: Buffer; contents: Buffer }[] = [];
  for (let at = 0; at < der.length;) {
    const first = der[at + 1]!;
    const octets = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + octets;
    const end = start + (octets === 0 ? first : der.readUIntBE(at + 2, octets));
    found.push({ whole: der.subarray(at, end), contents: der.subarray(start, end) });
    at = end;
  }
  return found;
}

function element(tag: number, contents: Buffer): Buffer {
  const { length } = contents;
  const header = length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), contents]);
}

function firstNonZero(octets: Buffer): number {
  const at = octets.findIndex((octet) => octet !== 0);
  return at === -1 ? octets.length : at;
}

/** Without leading zeros, or with as many as are needed. */
function resized(number: Buffer, length: number): Buffer {
  const significant = number.subarray(firstNonZero(number));
  return Buffer.concat([Buffer.alloc(Math.max(0, length - significant.length)), significant]);
}

import { randomBytes } from 'node:crypto';
import { ALGORITHMS, decryptRtp, encryptRtp, MediaCipher, rtpHeaderLength, type MediaAlgorithm, type MediaKey } from '../../../src/h323/h235';
import { decryptStealing, encryptStealing } from '../../../src/h323/h235/cbc';
import { describePeer } from '../../peers/harness';
import { mutate } from '../support/mutate';
import { Random } from '../support/random';
import { openssl, rtp } from './support';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');
const keyOf = (algorithm: MediaAlgorithm, payloadType = 110): MediaKey => ({ algorithm, key: randomBytes(ALGORITHMS[algorithm].keyLength), payloadType });
const ALGORITHM_NAMES = Object.keys(ALGORITHMS) as MediaAlgorithm[];

describe('RTP headers', () => {
  test('end after contributing sources and the extension', () => {
    expect(rtpHeaderLength(rtp(Buffer.alloc(5)))).toBe(12);
    expect(rtpHeaderLength(rtp(Buffer.alloc(5), { sources: 3 }))).toBe(24);
    expect(rtpHeaderLength(rtp(Buffer.alloc(5), { sources: 1, extension: Buffer.alloc(8) }))).toBe(28);
  });

  test('that are cut or of another version are none', () => {
    const packet = rtp(Buffer.alloc(0), { sources: 1, extension: Buffer.alloc(8) });
    for (let length = 0; length < packet.length; length++) expect(rtpHeaderLength(packet.subarray(0, length))).toBeUndefined();
    expect(rtpHeaderLength(Buffer.alloc(40))).toBeUndefined();
  });
});

describe('ciphertext stealing', () => {
  // RFC 3962 appendix B; a whole number of blocks stays in its order here, so those examples are left out.
  const KEY = hex('636869636b656e207465726979616b69');
  const PLAIN = Buffer.from("I would like the General Gau's Chicken, please, and wonton soup.");
  test.each([
    [17, 'c6353568f2bf8cb4d8a580362da7ff7f 97'],
    [31, 'fc00783e0efdb2c1d445d4c8eff7ed22 97687268d6ecccc0c07b25e25ecfe5'],
    [47, '97687268d6ecccc0c07b25e25ecfe584 b3fffd940c16a18c1b5549d2f838029e 39312523a78662d5be7fcbcc98ebf5'],
  ])('%p octets come out as RFC 3962 has them', (length, encrypted) => {
    const plain = PLAIN.subarray(0, length);
    expect(encryptStealing('AES-128', KEY, Buffer.alloc(16), plain).toString('hex')).toBe(hex(encrypted).toString('hex'));
    expect(decryptStealing('AES-128', KEY, Buffer.alloc(16), hex(encrypted))).toEqual(plain);
  });

  test('of any length from 16 octets goes there and back', () => {
    for (const algorithm of ALGORITHM_NAMES) {
      for (let length = 16; length < 200; length++) {
        const [{ key }, iv, plain] = [keyOf(algorithm), randomBytes(16), randomBytes(length)];
        const encrypted = encryptStealing(algorithm, key, iv, plain);
        expect(encrypted).toHaveLength(length);
        expect(decryptStealing(algorithm, key, iv, encrypted)).toEqual(plain);
      }
    }
  });
});

describe.each(ALGORITHM_NAMES)('RTP under %s', (algorithm) => {
  test.each(['padding', 'stealing'] as const)('every length of payload goes there and back (%s)', (tail) => {
    const random = new Random(1);
    for (let length = 0; length < 120; length++) {
      const key = keyOf(algorithm);
      const packet = rtp(randomBytes(length), {
        payloadType: 9, sequence: random.integer(0, 65_535), timestamp: random.integer(0, 2 ** 32 - 1), marker: random.chance(0.5), sources: random.integer(0, 2),
        ...(random.chance(0.5) && { extension: randomBytes(8) }),
      });
      const encrypted = encryptRtp(key, packet, tail)!;
      expect(encrypted[1]! & 0x7f).toBe(110);
      expect(decryptRtp(key, encrypted, 9)).toEqual(packet);
      const expected = tail === 'stealing' && length > 16 ? length : Math.ceil(length / 16) * 16;
      expect(encrypted.length - rtpHeaderLength(encrypted)!).toBe(expected);
      expect((encrypted[0]! & 0x20) !== 0).toBe(expected !== length);
    }
  });

  test("padding of the packet's own is not encrypted with it", () => {
    const key = keyOf(algorithm);
    const padded = rtp(Buffer.from('0102030000000004', 'hex'));
    padded[0]! |= 0x20;
    // Four of eight octets are padding.
    expect(decryptRtp(key, encryptRtp(key, padded)!, 0)).toEqual(rtp(Buffer.from('01020300', 'hex')));
  });

  test('padding filled with anything is taken off by its count alone', () => {
    const key = keyOf(algorithm);
    const padded = rtp(Buffer.concat([Buffer.from('payload'), randomBytes(8), Buffer.from([9])]));
    const encrypted = encryptRtp(key, padded)!;
    expect(encrypted[0]! & 0x20).toBe(0);
    encrypted[0]! |= 0x20;
    expect(decryptRtp(key, encrypted, 0)).toEqual(rtp(Buffer.from('payload')));
  });

  test('the same payload looks different in each packet, and a wrong key gives nothing or something else', () => {
    const [key, wrong] = [keyOf(algorithm), keyOf(algorithm)];
    const payload = randomBytes(20);
    const [one, other] = [1, 2].map((sequence) => encryptRtp(key, rtp(payload, { sequence }))!.subarray(12));
    expect(one!.equals(other!)).toBe(false);
    expect(decryptRtp(wrong, encryptRtp(key, rtp(payload))!, 0)?.subarray(12).equals(payload)).not.toBe(true);
  });

  test('broken packets are decrypted to something or to nothing', () => {
    const random = new Random(2);
    const cipher = new MediaCipher({ payloadType: 9, key: keyOf(algorithm) });
    let [taken, refused] = [0, 0];
    for (let i = 0; i < 30_000; i++) {
      const broken = mutate(cipher.encrypt(rtp(randomBytes(random.integer(1, 200)), { payloadType: 9 }))!, random);
      if (cipher.decrypt(broken)) taken++;
      else refused++;
    }
    expect(taken).toBeGreaterThan(1_000);
    expect(refused).toBeGreaterThan(1_000);
  }, 60_000);
});

describe('the cipher of a channel', () => {
  const [first, second] = [keyOf('AES-128', 110), keyOf('AES-128', 111)];
  const packet = rtp(Buffer.from('sound'), { payloadType: 8 });

  test('takes packets of its payload types and no others', () => {
    const cipher = new MediaCipher({ payloadType: 8, key: first });
    expect(cipher.decrypt(cipher.encrypt(packet)!)).toEqual(packet);
    for (const stranger of [rtp(Buffer.from('sound'), { payloadType: 0 }), Buffer.alloc(0), Buffer.from([0x80])]) expect(cipher.encrypt(stranger)).toBeUndefined();
    for (const stranger of [packet, Buffer.alloc(0), Buffer.from([0x80])]) expect(cipher.decrypt(stranger)).toBeUndefined();
  });

  test('after a refresh sends under the new key, and reads the old one a few seconds more', () => {
    let now = 0;
    const [sender, receiver] = [0, 1].map(() => new MediaCipher({ payloadType: 8, key: first, now: () => now }));
    const before = sender!.encrypt(packet)!;
    expect(sender!.blocks).toBeGreaterThan(0);
    sender!.refresh(second);
    receiver!.refresh(second);
    expect(sender!.blocks).toBe(0);
    const after = sender!.encrypt(packet)!;
    expect([before[1], after[1]]).toEqual([110, 111]);
    expect(receiver!.decrypt(after)).toEqual(packet);
    expect(receiver!.decrypt(before)).toEqual(packet);
    now = 5_000;
    expect(receiver!.decrypt(before)).toBeUndefined();
  });
});

describePeer('openssl', 'openssl reads', () => {
  test.each(ALGORITHM_NAMES)('payloads under %s, with sequence number and time stamp as initial value', (algorithm) => {
    const key = keyOf(algorithm);
    const { cipher } = ALGORITHMS[algorithm];
    for (const length of [16, 20, 160]) {
      const payload = randomBytes(length);
      const encrypted = encryptRtp(key, rtp(payload, { sequence: 0x0102, timestamp: 0x03040506 }))!;
      const iv = hex('0102 03040506 0102 03040506 0102 0304');
      const padding = (16 - (length % 16)) % 16;
      expect(openssl('-d', cipher, key.key, iv, encrypted.subarray(12))).toEqual(Buffer.concat([payload, Buffer.alloc(padding, padding)]));
      const theirs = rtp(openssl('-e', cipher, key.key, iv, Buffer.concat([payload, Buffer.alloc(padding, padding)])), { payloadType: 110, sequence: 0x0102, timestamp: 0x03040506 });
      if (padding > 0) theirs[0]! |= 0x20;
      expect(decryptRtp(key, theirs, 0)!.subarray(12)).toEqual(payload);
    }
  });
});

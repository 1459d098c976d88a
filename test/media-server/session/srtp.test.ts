import { createSecretKey, randomBytes } from 'node:crypto';
import { createPacketCipher } from '../../../src/embedded/media-server/session/srtp/cipher';
import { SRTP_PROFILES, type SrtpProfileName } from '../../../src/embedded/media-server/session/srtp/profiles';
import { ReplayWindow } from '../../../src/embedded/media-server/session/srtp/replay-window';
import { derive } from '../../../src/embedded/media-server/session/srtp/session-keys';
import { SrtpReceiver } from '../../../src/embedded/media-server/session/srtp/srtp-receiver';
import { SrtpSender } from '../../../src/embedded/media-server/session/srtp/srtp-sender';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s+/g, ''), 'hex');
const MASTER = { key: hex('E1F97A0D3E018BE0D64FA32C06DE4139'), salt: hex('0EC675AD498AFEEBB6960B3AABE6') };

describe('published vectors', () => {
  test('key derivation (RFC 3711 appendix B.3)', () => {
    expect(derive(MASTER.key, MASTER.salt, 0, 16)).toEqual(hex('C61E7A93744F39EE10734AFE3FF7A087'));
    expect(derive(MASTER.key, MASTER.salt, 2, 14)).toEqual(hex('30CBBC08863D8C85D49DB34A9AE1'));
    expect(derive(MASTER.key, MASTER.salt, 1, 20)).toEqual(hex('CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4'));
  });

  const keys = { encryption: createSecretKey(hex('000102030405060708090a0b0c0d0e0f')), authentication: createSecretKey(Buffer.alloc(20)), salt: hex('517569642070726f2071756f') };

  test('SRTP with AEAD_AES_128_GCM (RFC 7714 section 16.1.1)', () => {
    const cipher = createPacketCipher(SRTP_PROFILES.AEAD_AES_128_GCM, keys, 'rtp');
    const [header, text] = [hex('8040f17b8041f8d35501a0b2'), Buffer.from('Gallia est omnis divisa in partes tres')];
    const packet = Buffer.concat([header, text]);
    const bytes = cipher.protect(packet, 12, 0, 0x5501a0b2, 0xf17b);
    expect(bytes).toEqual(hex(`8040f17b8041f8d35501a0b2 f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833
      899d7f27beb16a9152cf765ee4390cce`));
    expect(cipher.open(bytes, 12, 0, 0x5501a0b2, 0xf17b)).toEqual(packet);
  });

  test('SRTP with AEAD_AES_256_GCM (RFC 7714 section 16.2.1)', () => {
    const encryption = createSecretKey(hex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'));
    const packet = Buffer.concat([hex('8040f17b8041f8d35501a0b2'), Buffer.from('Gallia est omnis divisa in partes tres')]);
    expect(createPacketCipher(SRTP_PROFILES.AEAD_AES_256_GCM, { ...keys, encryption }, 'rtp').protect(packet, 12, 0, 0x5501a0b2, 0xf17b)).toEqual(hex(`8040f17b8041f8d35501a0b2
      32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13`));
  });

  test('SRTCP with AEAD_AES_128_GCM (RFC 7714 section 17.1)', () => {
    const cipher = createPacketCipher(SRTP_PROFILES.AEAD_AES_128_GCM, keys, 'rtcp');
    const packet = hex('81c8000d4d617273 4e5450314e545032 525450200000042a 0000e9304c756e61 deadbeefdeadbeef deadbeefdeadbeef deadbeef');
    expect(cipher.protect(packet, 8, 0x800005d4, 0x4d617273, 0x5d4)).toEqual(hex(`81c8000d4d617273
      63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b c84aa45896cf4d2fc5abf87245d9eade 800005d4`));
  });

  test('whole packets with AES-CM and HMAC-SHA1-80, as libsrtp makes them', () => {
    const key = { profile: SRTP_PROFILES.AES_CM_128_HMAC_SHA1_80, masterKey: MASTER.key, masterSalt: MASTER.salt };
    const rtp = hex('800f1234decafbadcafebabe abababababababababababababababab');
    const srtp = hex('800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb');
    expect(new SrtpSender(key).protectRtp(rtp)).toEqual(srtp);
    expect(new SrtpReceiver(key).openRtp(srtp)).toEqual({ packet: rtp, newest: true });
    const rtcp = hex('81c8000bcafebabe abababababababababababababababab');
    const srtcp = hex('81c8000bcafebabe 7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798');
    expect(new SrtpReceiver(key).openRtcp(srtcp)?.packet).toEqual(rtcp);
  });
});

const rtp = (sequence: number, text = 'speech', ssrc = 7): Buffer => {
  const packet = Buffer.concat([hex('8000000000000000'), Buffer.alloc(4), Buffer.from(text)]);
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE(ssrc, 8);
  return packet;
};
const rtcp = (): Buffer => hex('80c9000100000007');

describe.each<SrtpProfileName>(['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32', 'AEAD_AES_128_GCM', 'AEAD_AES_256_GCM'])('%s', (name) => {
  const profile = SRTP_PROFILES[name];
  const key = { profile, masterKey: randomBytes(profile.keyLength), masterSalt: randomBytes(profile.saltLength) };

  test('what is protected is not readable, opens once, and is as much longer as the profile says', () => {
    const [sender, receiver] = [new SrtpSender(key), new SrtpReceiver(key)];
    const [bytes, again] = [sender.protectRtp(rtp(1)), new SrtpSender(key).protectRtp(rtp(1))];
    expect(again).toEqual(bytes);
    expect(bytes.length).toBe(rtp(1).length + profile.rtpTagLength);
    expect(bytes.includes('speech')).toBe(false);
    expect(receiver.openRtp(bytes)?.packet).toEqual(rtp(1));
    expect(receiver.openRtp(again)).toBeUndefined();
    const [control, controlAgain] = [sender.protectRtcp(rtcp()), new SrtpSender(key).protectRtcp(rtcp())];
    expect(receiver.openRtcp(control)?.packet).toEqual(rtcp());
    expect(receiver.openRtcp(controlAgain)).toBeUndefined();
  });

  test('a changed bit anywhere makes it nothing', () => {
    const sender = new SrtpSender(key);
    const [bytes, control] = [sender.protectRtp(rtp(1)), sender.protectRtcp(rtcp())];
    for (let at = 0; at < bytes.length; at++) {
      const forged = Buffer.from(bytes);
      forged[at]! ^= 1;
      expect(new SrtpReceiver(key).openRtp(forged)).toBeUndefined();
    }
    for (let at = 0; at < control.length; at++) {
      const forged = Buffer.from(control);
      forged[at]! ^= 1;
      expect(new SrtpReceiver(key).openRtcp(forged)).toBeUndefined();
    }
    expect(new SrtpReceiver(key).openRtp(bytes.subarray(0, 14))).toBeUndefined();
    expect(new SrtpReceiver(key).openRtcp(control.subarray(0, 9))).toBeUndefined();
  });

  test('sequence numbers wrap, packets are lost, overtake and come late across the wrap', () => {
    const [sender, receiver] = [new SrtpSender(key), new SrtpReceiver(key)];
    const order = [65_530, 65_533, 65_535, 0, 65_534, 2, 1, 65_531, 700];
    const sent = new Map([...order].sort((a, b) => (a < 1_000 ? a + 65_536 : a) - (b < 1_000 ? b + 65_536 : b))
      .map((sequence) => [sequence, sender.protectRtp(rtp(sequence))]));
    expect(order.map((sequence) => receiver.openRtp(sent.get(sequence)!)?.newest)).toEqual([true, true, true, true, false, true, false, false, true]);
  });

  test('many turns of the sequence numbers', () => {
    const [sender, receiver] = [new SrtpSender(key), new SrtpReceiver(key)];
    for (let index = 0; index < 400_000; index += 20_000) expect(receiver.openRtp(sender.protectRtp(rtp(index)))?.newest).toBe(true);
  });
});

test('the replay window knows the last 1,024 indexes', () => {
  const window = new ReplayWindow();
  expect(window.add(0)).toBe(true);
  expect(window.has(0)).toBe(true);
  expect(window.add(2_000)).toBe(true);
  expect([window.has(976), window.has(977), window.has(1_999), window.has(2_000)]).toEqual([true, false, false, true]);
  expect(window.add(1_999)).toBe(false);
  expect(window.has(1_999)).toBe(true);
  expect(window.add(2 ** 47)).toBe(true);
  expect(window.has(2 ** 47 - 1)).toBe(false);
});

import { decodeCallSignalling, decodeQ931, encodeCallSignalling, encodeQ931, encodeTpkt, Q931Error, TpktFramer, tunnelledH245, withTunnelledH245, type Q931Message } from '../../src/h323/q931';
import { decode, PerError } from '../../src/h323/per';
import { h225, type h245 } from '../../src/h323/schemas';
import { CORPUS } from './support/corpus';
import { Random } from './support/random';

const setup: Q931Message = {
  callReference: 0x1234, fromDestination: false, type: 'setup', sendingComplete: true,
  bearerCapability: { codingStandard: 0, transferCapability: 24, transferMode: 0, transferRate: 0x18, rateMultiplier: 6, layer1Protocol: 5 },
  display: 'Ähtäri, palvelupiste', keypad: '1', signal: 0x3f,
  callingPartyNumber: { type: 0, plan: 1, presentation: 1, screening: 3, digits: '989' },
  calledPartyNumber: { type: 0, plan: 9, digits: '9890101' },
  redirectingNumber: { type: 2, plan: 1, presentation: 0, screening: 0, reason: 15, digits: '0401' },
  progress: { codingStandard: 0, location: 1, description: 8 }, facility: Buffer.alloc(0), notificationIndicator: 0x79, callState: 6,
  connectedNumber: { type: 0, plan: 1, digits: '100' }, cause: { codingStandard: 0, location: 0, value: 16, diagnostics: Buffer.from([1]) },
  userUser: { protocolDiscriminator: 5, octets: Buffer.alloc(300, 7) },
};

describe('Q.931', () => {
  test('every element comes back as it was', () => {
    expect(decodeQ931(encodeQ931(setup))).toEqual(setup);
  });

  test('a Setup has the octets that Q.931 and H.225.0 give it', () => {
    const message = encodeQ931({ callReference: 1, fromDestination: true, type: 'releaseComplete', cause: { codingStandard: 0, location: 0, value: 17 }, userUser: { protocolDiscriminator: 5, octets: Buffer.from('abcd', 'hex') } });
    expect(message.toString('hex')).toBe('080280015a' + '08028091' + '7e000305abcd');
    expect(encodeQ931({ callReference: 1, fromDestination: false, type: 'setup', bearerCapability: { codingStandard: 0, transferCapability: 8, transferMode: 0, transferRate: 0x13, layer1Protocol: 5 }, calledPartyNumber: { type: 0, plan: 1, digits: '601' } }).toString('hex'))
      .toBe('0802000105' + '04038893a5' + '700481363031');
  });

  test('elements of other codesets and those that are not known are kept, with their shifts', () => {
    const wire = Buffer.from('0802000105' + '280141' + '9a' + '6c0101' + '2c0131' + '96' + '7f01ff', 'hex');
    const message = decodeQ931(wire);
    expect(message).toMatchObject({ display: 'A', keypad: '1' });
    expect(message.others).toEqual([{ codeset: 2, identifier: 0x6c, contents: Buffer.from([1]) }, { codeset: 6, identifier: 0x7f, contents: Buffer.from([0xff]) }]);
    expect(decodeQ931(encodeQ931(message))).toEqual(message);
  });

  test('contents that cannot be read count as absent and are kept (section 5.8.7)', () => {
    const message = decodeQ931(Buffer.from('0802000145' + '080180', 'hex'));
    expect(message.cause).toBeUndefined();
    expect(message.others).toEqual([{ codeset: 0, identifier: 8, contents: Buffer.from([0x80]) }]);
  });

  test.each([
    ['too short', '08020001', 'q931-truncated'],
    ['of another protocol', '0302000105', 'q931-invalid'],
    ['with a call reference of one octet', '0801010500', 'q931-invalid'],
    ['of a type that H.225.0 does not have', '0802000164', 'q931-invalid'],
    ['that ends within an element', '08020001050405ff', 'q931-truncated'],
    ['that ends within the length of the User-user element', '08020001057e00', 'q931-truncated'],
    ['with thousands of elements', '0802000105' + 'a0'.repeat(5000), 'q931-invalid'],
  ])('a message %s is refused', (_, hex, code) => {
    expect(() => decodeQ931(Buffer.from(hex, 'hex'))).toThrow(expect.objectContaining({ code }));
  });

  test.each([
    ['call reference', { callReference: 0x8000 }], ['digits', { calledPartyNumber: { type: 0, plan: 1, digits: 'ä' } }], ['display', { display: 'Ж' }], ['cause', { cause: { codingStandard: 0, location: 0, value: 200 } }],
  ])('a %s that does not fit is refused', (_, wrong) => {
    expect(() => encodeQ931({ callReference: 1, fromDestination: false, type: 'setup', ...wrong } as Q931Message)).toThrow(expect.objectContaining({ code: 'q931-value' }));
  });
});

describe('call signalling', () => {
  const facility = CORPUS.find((pdu) => pdu.kind === 'cs' && pdu.message === 'facility')!;
  const control = CORPUS.filter((pdu) => pdu.kind === 'h245').slice(0, 3);

  test('carries H.245 messages in its tunnel', () => {
    const userInformation = decode(h225.H323UserInformation, facility.octets);
    const messages = control.map(({ octets }) => tunnelledH245({ ...userInformation['h323-uu-pdu'], h245Control: [octets] })[0]!);
    const pdu = withTunnelledH245(userInformation['h323-uu-pdu'], messages);
    const octets = encodeCallSignalling({ q931: { callReference: 3, fromDestination: true, type: 'facility', facility: Buffer.alloc(0) }, userInformation: { 'h323-uu-pdu': pdu } });
    const received = decodeCallSignalling(octets);
    expect(received.q931).toEqual({ callReference: 3, fromDestination: true, type: 'facility', facility: Buffer.alloc(0) });
    const tunnelled: h245.MultimediaSystemControlMessage[] = tunnelledH245(received.userInformation['h323-uu-pdu']);
    expect(tunnelled).toEqual(messages);
  });

  test('without its User-user element is refused', () => {
    expect(() => decodeCallSignalling(encodeQ931({ callReference: 1, fromDestination: false, type: 'facility' }))).toThrow(expect.objectContaining({ code: 'q931-invalid' }));
  });
});

describe('TPKT', () => {
  const payloads = [Buffer.from('a'), Buffer.alloc(700, 'b'), Buffer.alloc(65_531, 'c')];
  const stream = Buffer.concat(payloads.map(encodeTpkt));

  test.each([1, 2, 3, 5, 64, 1460, 100_000])('a stream in pieces of %i octets gives the packets', (size) => {
    const framer = new TpktFramer();
    const received: Buffer[] = [];
    for (let at = 0; at < stream.length; at += size) received.push(...framer.push(stream.subarray(at, at + size)));
    expect(received.map((payload) => payload.toString())).toEqual(payloads.map((payload) => payload.toString()));
    expect(framer.buffered).toBe(0);
  });

  test('a packet without payload, a keep-alive, is passed over', () => {
    expect(new TpktFramer().push(Buffer.concat([encodeTpkt(Buffer.alloc(0)), encodeTpkt(Buffer.from('x'))]))).toEqual([Buffer.from('x')]);
  });

  test.each([['another version', '04000005'], ['a length that does not hold its own header', '03000003'], ['a length over the limit', '03000105']])('%s ends the stream', (_, header) => {
    const framer = new TpktFramer(256);
    const push = (): unknown => framer.push(Buffer.concat([Buffer.from(header, 'hex'), Buffer.alloc(8)]));
    expect(push).toThrow(expect.objectContaining({ code: 'tpkt-invalid' }));
    expect(push).toThrow(Q931Error);
    expect(framer.buffered).toBe(0);
  });
});

test('100,000 mutated call signalling messages are read or refused by a typed error', () => {
  const random = new Random(7);
  const recorded = CORPUS.filter((pdu) => pdu.kind === 'cs').map((pdu) => encodeQ931({ ...setup, userUser: { protocolDiscriminator: 5, octets: pdu.octets } }));
  let read = 0;
  for (let i = 0; i < 100_000; i++) {
    const octets = Buffer.from(recorded[i % recorded.length]!);
    for (let flips = random.integer(1, 4); flips > 0; flips--) octets[random.integer(0, octets.length - 1)] = random.integer(0, 255);
    try {
      decodeCallSignalling(octets.subarray(0, random.chance(0.2) ? random.integer(0, octets.length) : octets.length));
      read++;
    } catch (error) {
      if (!(error instanceof Q931Error || error instanceof PerError)) throw error;
    }
  }
  expect(read).toBeGreaterThan(1000);
}, 120_000);

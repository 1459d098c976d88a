import {
  alternative, BOOLEAN, choice, chosen, decode, DEFAULT_LIMITS, encode, enumerated, fromJson, ia5String, ia5StringFrom, integer, NULL, OBJECT_IDENTIFIER,
  octetString, optional, PerError, reference, sequence, sequenceOf, toJson, withDefault, type Infer, type Schema,
} from '../../src/h323/per';
import { h225 } from '../../src/h323/schemas';

const hex = (octets: Buffer): string => octets.toString('hex');

function faultOf(work: () => unknown): PerError {
  try {
    work();
  } catch (error) {
    if (error instanceof PerError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a message of another version', () => {
  const Old = sequence({ a: BOOLEAN }, { b: integer(0, 255) });
  const New = sequence({ a: BOOLEAN }, { b: integer(0, 255), c: octetString(), d: BOOLEAN });
  const OldChoice = choice({ a: NULL }, { b: NULL });
  const NewChoice = choice({ a: NULL }, { b: NULL, c: ia5String(), d: integer() });
  const OldNames = enumerated(['a'], ['b']);
  const NewNames = enumerated(['a'], ['b', 'c', 'd']);

  test('that is newer keeps the additions that are not known here, and they are sent on', () => {
    const sent = encode(New, { a: true, b: 7, c: Buffer.from('beef', 'hex'), d: true });
    const value = decode(Old, sent);
    expect(value).toEqual({ a: true, b: 7, '...': { 1: Buffer.from('02beef', 'hex'), 2: Buffer.from('80', 'hex') } });
    expect(hex(encode(Old, value))).toBe(hex(sent));
    expect(toJson(Old, value)).toEqual({ a: true, b: 7, '...': { 1: '02beef', 2: '80' } });
    expect(fromJson(Old, toJson(Old, value))).toEqual(value);
  });

  test('that is older leaves out what it does not know', () => {
    expect(decode(New, encode(Old, { a: false, b: 3 }))).toEqual({ a: false, b: 3 });
  });

  test('keeps an alternative that is not known here', () => {
    const sent = encode(NewChoice, { c: 'abc' });
    const value = decode(OldChoice, sent);
    expect(value).toEqual({ '...': { index: 1, encoding: Buffer.from('03616263', 'hex') } });
    expect(hex(encode(OldChoice, value))).toBe(hex(sent));
    expect(fromJson(OldChoice, toJson(OldChoice, value))).toEqual(value);
  });

  test('keeps an enumerated value that is not known here', () => {
    const sent = encode(NewNames, 'd');
    expect(decode(OldNames, sent)).toBe('#2');
    expect(hex(encode(OldNames, '#2'))).toBe(hex(sent));
  });

  test('with more than 64 additions has the length that X.691 section 11.9.3.4 gives it', () => {
    const Long = sequence({}, Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`m${i}`, optional(BOOLEAN)])));
    const sent = encode(Long, { m0: true, m69: false });
    // Extended, more than 64, padding, the length 70, then a bit for each addition.
    expect(hex(sent.subarray(0, 3))).toBe('c04680');
    expect(decode(Long, sent)).toEqual({ m0: true, m69: false });
  });
});

describe('a malformed message', () => {
  const setup = (): Buffer => encode(h225.H323UserInformation, {
    'h323-uu-pdu': { 'h323-message-body': { setup: {
      protocolIdentifier: '0.0.8.2250.0.7', sourceAddress: [{ 'h323-ID': 'ex90-1' }, { dialledDigits: '9890101' }],
      sourceInfo: { mc: false, undefinedNode: false }, activeMC: false, conferenceID: Buffer.alloc(16), conferenceGoal: { create: null }, callType: { pointToPoint: null },
    } } },
  });

  test('is refused with the path of the field at which it went wrong', () => {
    const whole = setup();
    const error = faultOf(() => decode(h225.H323UserInformation, whole.subarray(0, 20)));
    expect(error.code).toBe('per-truncated');
    expect(error.path).toBe('h323-uu-pdu.h323-message-body.setup.sourceAddress[0].h323-ID');
    expect(error.message).toContain('h323-uu-pdu.h323-message-body.setup.sourceAddress[0].h323-ID: the encoding ends');
  });

  test('that claims a list of 32,768 elements costs nothing before they are there', () => {
    const list = sequenceOf(sequence({}));
    // Two fragments of 16K elements that take no bits at all, again and again.
    const bomb = Buffer.alloc(1000, 0xc4);
    expect(faultOf(() => decode(list, bomb)).code).toBe('per-limit');
    expect(faultOf(() => decode(sequenceOf(NULL), Buffer.from([0xc4, 0xc4, 0x00]))).code).toBe('per-limit');
  });

  test('that claims 64K octets where there are three is refused before memory is set aside', () => {
    expect(faultOf(() => decode(octetString(), Buffer.from([0xc4, 1, 2]))).code).toBe('per-truncated');
    expect(faultOf(() => decode(octetString(0, 60_000), Buffer.from([0xea, 0x60, 1]))).code).toBe('per-truncated');
  });

  test('that nests a recursive type deeper than the limit is refused', () => {
    interface Nest { inner?: Nest }
    const Nest: Schema<Nest> = sequence({ inner: optional(reference('Nest', () => Nest)) });
    let value: Nest = {};
    for (let i = 0; i < DEFAULT_LIMITS.maxDepth; i++) value = { inner: value };
    expect(decode(Nest, encode(Nest, value))).toEqual(value);
    expect(faultOf(() => decode(Nest, Buffer.alloc(32, 0xff))).code).toBe('per-limit');
    const endless: Nest = {};
    endless.inner = endless;
    expect(faultOf(() => encode(Nest, endless)).code).toBe('per-limit');
  });

  test('over the limit of octets is refused unread', () => {
    expect(faultOf(() => decode(octetString(), Buffer.alloc(100), { ...DEFAULT_LIMITS, maxOctets: 99 })).code).toBe('per-limit');
  });

  test.each([
    ['an object identifier that ends within an arc', OBJECT_IDENTIFIER, '0281ff'],
    ['an object identifier without octets', OBJECT_IDENTIFIER, '00'],
    ['an object identifier with an arc over 2^53', OBJECT_IDENTIFIER, '0affffffffffffffffff7f'],
    ['a number over the upper bound', integer(0, 200), 'ff'],
    ['a character that the alphabet does not have', ia5StringFrom('0123456789#*,', 1, 128), '00f0'],
    ['an enumerated value that is not there', enumerated(['a', 'b', 'c']), 'c0'],
    ['a fragment of five times 16K', octetString(), 'c5'],
    ['an unbounded integer without octets', integer(), '00'],
  ] as [string, Schema<unknown>, string][])('with %s is refused', (_, schema, octets) => {
    expect(faultOf(() => decode(schema, Buffer.concat([Buffer.from(octets, 'hex'), Buffer.alloc(8, 0xff)]).subarray(0, octets.length / 2 + 8))).code).toMatch(/^per-(invalid|limit)$/);
  });
});

describe('a value that does not fit', () => {
  const Call = sequence({ name: ia5String(1, 8), legs: sequenceOf(choice({ sip: NULL, h323: integer(1, 9) }), 0, 2), mode: withDefault(enumerated(['a', 'b']), 'a') });

  test.each([
    ['a missing component', {}, 'name'],
    ['a string that is too long', { name: 'eightplus', legs: [] }, 'name'],
    ['too many elements', { name: 'a', legs: [{ sip: null }, { sip: null }, { sip: null }] }, 'legs'],
    ['an alternative that is not there', { name: 'a', legs: [{ sip: null }, { pots: null }] }, 'legs[1]'],
    ['two alternatives at once', { name: 'a', legs: [{ sip: null, h323: 1 }] }, 'legs[0]'],
    ['a number out of range', { name: 'a', legs: [{ h323: 10 }] }, 'legs[0].h323'],
    ['a fraction', { name: 'a', legs: [{ h323: 1.5 }] }, 'legs[0].h323'],
    ['a name that is not enumerated', { name: 'a', legs: [], mode: 'c' }, 'mode'],
  ])('%s is refused with its path', (_, value, path) => {
    const error = faultOf(() => encode(Call, value as Infer<typeof Call>));
    expect([error.code, error.path]).toEqual(['per-value', path]);
  });

  test('a misspelt field in JSON is refused instead of being lost', () => {
    const error = faultOf(() => fromJson(Call, { name: 'a', legs: [], mood: 'b' }));
    expect(error.message).toContain('no field "mood"');
  });

  test('a fault of one value leaves nothing behind in the next encoding', () => {
    faultOf(() => encode(Call, { name: 'abc', legs: [{ h323: 99 }] }));
    expect(decode(Call, encode(Call, { name: 'z', legs: [{ h323: 9 }] }))).toEqual({ name: 'z', legs: [{ h323: 9 }], mode: 'a' });
  });
});

describe('values', () => {
  const Address = choice({ ip: octetString(4), name: ia5String() }, { number: integer() });

  test('of a choice are asked by name, in types and in fact', () => {
    const address = decode(Address, encode(Address, { name: 'kela' }));
    expect(chosen(address)).toBe('name');
    const name: string | undefined = alternative(address, 'name');
    expect(name).toBe('kela');
    expect(alternative(address, 'ip')).toBeUndefined();
    expect('name' in address && address.name.length).toBe(4);
  });

  test('beyond 2^53 are bigints, and strings of digits in JSON', () => {
    const value = 2n ** 70n;
    expect(decode(integer(), encode(integer(), value))).toBe(value);
    expect(toJson(integer(), value)).toBe('1180591620717411303424');
    expect(fromJson(integer(), '1180591620717411303424')).toBe(value);
    expect(decode(integer(), encode(integer(), -5n))).toBe(-5);
  });

  test('equal to the default are left out, and filled in by decoding', () => {
    const schema = sequence({ a: withDefault(integer(0, 255), 7) });
    expect(encode(schema, { a: 7 })).toHaveLength(1);
    expect(decode(schema, encode(schema, {}))).toEqual({ a: 7 });
  });

  test('are decoded as views of the message, so that nothing is copied', () => {
    const message = encode(octetString(), Buffer.from('etasilta'));
    const value = decode(octetString(), message);
    expect(value.buffer).toBe(message.buffer);
  });
});

import {
  asn1Module, BOOLEAN, bitString, bmpString, choice, enumerated, extensibleInteger, generalString, group, ia5String, ia5StringFrom, integer, NULL, numericString,
  OBJECT_IDENTIFIER, octetString, openType, optional, printableString, sequence, sequenceOf, set, setOf, visibleString, withDefault, decode, encode, type Infer, type Schema,
} from '../../src/h323/per';
import { describePeer } from '../peers/harness';
import { ErlangOracle } from './support/erlang';
import { erlangRecord } from './support/erlang-term';
import { disagreements, disagreementsAbout, ROOMY, type Subject } from './support/oracle-check';

const COMPILE_LIMIT_MS = 900_000;

/** Between two booleans, so that alignment before and after the value is met. */
const between = <T>(middle: Schema<T>) => sequence({ before: BOOLEAN, middle, after: BOOLEAN });

const DIGITS = '0123456789#*,';

/**
 * Every notation and every boundary of X.691 that a size or range can fall on. Left out is a string of a fixed size of exactly 16 bits:
 * Erlang aligns it, against section 30.5.6, and none is in the standards of H.323.
 */
const COMBINATORS: Record<string, Schema<unknown>> = Object.fromEntries(Object.entries({
  octets: octetString(), octets1: octetString(1), octets2: octetString(2), octets3: octetString(3), octetsTo2: octetString(0, 2), octetsTo10: octetString(0, 10),
  octetsTo300: octetString(5, 300), bits: bitString(), bits16: bitString(16), bits17: bitString(17), bitsTo16: bitString(0, 16), bitsTo20: bitString(0, 20), bitsTo511: bitString(0, 511),
  ia5: ia5String(), ia51: ia5String(1), ia53: ia5String(3), ia5To1: ia5String(0, 1), ia5To2: ia5String(0, 2), ia5To10: ia5String(0, 10), ia5To512: ia5String(1, 512),
  digits: ia5StringFrom(DIGITS), digits3: ia5StringFrom(DIGITS, 3), digits5: ia5StringFrom(DIGITS, 5), digitsTo3: ia5StringFrom(DIGITS, 0, 3), digitsTo4: ia5StringFrom(DIGITS, 0, 4),
  oneBit: ia5StringFrom('ab', 0, 15), oneBitLonger: ia5StringFrom('ab', 0, 16), twoBits: ia5StringFrom('abc'), eightBits: ia5StringFrom('0123456789#*ABCD!', 1),
  numeric: numericString(), numericTo40: numericString(0, 40), bmp: bmpString(), bmpTo1: bmpString(0, 1), bmpTo128: bmpString(1, 128), visible: visibleString(0, 5), printable: printableString(0, 5),
  general: generalString(), identifier: OBJECT_IDENTIFIER, nothing: NULL,
  range255: integer(0, 254), range256: integer(0, 255), range257: integer(1, 257), range64K: integer(1, 65_536), over64K: integer(0, 65_536), range32: integer(1, 4_294_967_295),
  fromMinus: integer(-5, 16_777_215), negative: integer(-10, 10), semi: integer(1), unbounded: integer(), extensible: extensibleInteger(1, 32_768),
  names: enumerated(['a', 'b', 'c'], ['d', 'e']), oneName: enumerated(['only']), list: sequenceOf(BOOLEAN), listTo5: sequenceOf(NULL, 0, 5), listTo300: sequenceOf(BOOLEAN, 0, 300), list256: setOf(integer(0, 7), 1, 256),
  fields: set({ p: BOOLEAN, q: optional(integer()) }, { r: NULL }), defaults: sequence({ a: withDefault(BOOLEAN, false), b: withDefault(integer(0, 9), 5) }),
  empty: sequence({}), emptyExtensible: sequence({}, {}), one: choice({ one: BOOLEAN }), either: choice({ one: BOOLEAN }, { two: octetString(), three: NULL }),
  manyAlternatives: choice({ a: NULL }, Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`m${i}`, BOOLEAN]))),
  inside: openType(sequence({ a: BOOLEAN, b: octetString() })),
}).map(([name, schema]) => [`T-${name}`, between(schema as Schema<unknown>)]));

describePeer(['erlc', 'erl'], 'the codec and Erlang, an implementation of X.691 that shares nothing with it, agree on random values', () => {
  test('of every notation, at the boundaries of sizes and ranges', () => {
    const oracle = ErlangOracle.compile({ Combinators: asn1Module('Combinators', COMBINATORS) });
    const subjects = Object.entries(COMBINATORS).map(([type, schema]): Subject => ({ name: type, schema, module: 'Combinators', type }));
    expect(disagreements(oracle, subjects, 40, 1)).toEqual([]);
  }, COMPILE_LIMIT_MS);

  test('of strings, lists and open types around the multiples of 16K, which are sent in fragments', () => {
    const Inside = sequence({ octets: octetString() });
    const Fragments = sequence({ octets: octetString(), text: ia5String(), digits: ia5StringFrom(DIGITS), list: sequenceOf(integer(0, 255)), bits: bitString(), inside: openType(Inside) });
    const oracle = ErlangOracle.compile({ Fragments: asn1Module('Fragments', { Inside, Fragments }) });
    const about = [16_383, 16_384, 32_769, 65_536, 81_921].map((length) => {
      const octets = Buffer.alloc(length, 'etasilta');
      const value = {
        octets, text: octets.toString('latin1'), digits: '1234567*'.repeat(length / 8), list: [...octets], inside: { octets },
        bits: { value: Buffer.alloc((length + 7) >> 3, 0xff).map((octet, i) => (i === length >> 3 ? 0xff << (8 - (length % 8)) : octet)) as Buffer, length },
      };
      return { name: `${length} units`, schema: Fragments as Schema<unknown>, module: 'Fragments', type: 'Fragments', value };
    });
    expect(disagreementsAbout(oracle, about)).toEqual([]);
    // What comes back from our own encoding is the value, too.
    for (const { value } of about) expect(decode(Fragments, encode(Fragments, value as Infer<typeof Fragments>), ROOMY)).toEqual(value);
  }, COMPILE_LIMIT_MS);

  test('of extension additions in groups', () => {
    const Grouped = sequence({ first: BOOLEAN }, {
      g1: group({ number: integer(0, 300), octets: optional(octetString()) }), between: optional(BOOLEAN), g2: group({ flag: optional(BOOLEAN), nothing: optional(NULL) }),
    });
    const oracle = ErlangOracle.compile({ Grouped: asn1Module('Grouped', { Grouped }) }, 'records');
    const values: Infer<typeof Grouped>[] = [
      { first: true }, { first: false, number: 300 }, { first: true, number: 0, octets: Buffer.from('0102', 'hex') }, { first: true, between: false },
      { first: true, number: 7, between: true, flag: false, nothing: null }, { first: false, nothing: null }, { first: false, flag: true },
    ];
    // Erlang's encoder (OTP 25) mistakes the position of what comes after a group.
    const about = values.map((value) => ({ name: JSON.stringify(value), schema: Grouped as Schema<unknown>, module: 'Grouped', type: 'Grouped', readOnly: true, value }));
    expect(disagreementsAbout(oracle, about, (schema, value) => erlangRecord('Grouped', schema, value))).toEqual([]);
    for (const value of values) expect(decode(Grouped, encode(Grouped, value))).toEqual(value);
  }, COMPILE_LIMIT_MS);
});

import { decode, encode, fromJson, toJson, PerError } from '../../src/h323/per';
import { CORPUS, SCHEMAS } from './support/corpus';
import { mutate } from './support/mutate';
import { Random } from './support/random';

describe('PDUs recorded from real stacks', () => {
  test('there are all 325 of them', () => {
    expect(CORPUS).toHaveLength(325);
  });

  test.each(CORPUS.map((pdu, index) => [`${index} ${pdu.recording} ${pdu.kind} ${pdu.message}`, pdu] as const))('%s decodes, and encodes again to the same', (_, pdu) => {
    const schema = SCHEMAS[pdu.kind];
    const value = decode(schema, pdu.octets);
    const encoded = encode(schema, value);
    expect(decode(schema, encoded)).toEqual(value);
    expect(encoded.equals(pdu.octets) ? 'identically' : 'equally').toBe(pdu.reencodes);
    expect(fromJson(schema, JSON.parse(JSON.stringify(toJson(schema, value))))).toEqual(value);
  });
});

describe('mutated PDUs', () => {
  test('100,000 of them: each decodes to a value that encodes again, or is refused by an error that names the place', () => {
    const random = new Random(20_250_101);
    const reasons = new Map<string, number>();
    for (let i = 0; i < 100_000; i++) {
      const pdu = CORPUS[i % CORPUS.length]!;
      const octets = mutate(mutate(pdu.octets, random), random);
      try {
        const schema = SCHEMAS[pdu.kind];
        const value = decode(schema, octets);
        reasons.set('decoded', (reasons.get('decoded') ?? 0) + 1);
        const encoded = encode(schema, value);
        if (!encode(schema, decode(schema, encoded)).equals(encoded)) throw new Error(`not the same again: ${octets.toString('hex')}`);
      } catch (error) {
        if (!(error instanceof PerError)) throw error;
        expect(['per-truncated', 'per-invalid', 'per-limit']).toContain(error.code);
        reasons.set(error.code, (reasons.get(error.code) ?? 0) + 1);
      }
    }
    expect([...reasons.keys()].sort()).toEqual(expect.arrayContaining(['decoded', 'per-invalid', 'per-truncated']));
  }, 300_000);
});

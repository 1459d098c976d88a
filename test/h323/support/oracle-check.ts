import { decode, encode, type Schema } from '../../../src/h323/per';
import type { ErlangOracle, Task } from './erlang';
import { erlangTerm } from './erlang-term';
import { Random } from './random';
import { randomValue } from './random-value';

/** The oracle's values may be larger than what is taken from the network. */
export const ROOMY = { maxOctets: 10_000_000, maxElements: 1_000_000, maxDepth: 32 };

export interface Subject {
  /** How failures call it. */
  name: string;
  schema: Schema<unknown>;
  module: string;
  type: string;
  /** The oracle only reads what we encode, because its encoder cannot do it. */
  readOnly?: boolean;
}

/**
 * A fault of Erlang's encoder (OTP 25): of a Setup with a hop count it gives only the hop count. Its decoder reads ours, so that
 * direction is asked for all values.
 */
const beyondItsEncoder = (term: string): boolean => term.includes("'hopCount'=>");

/**
 * Random values both ways: what we encode, the oracle decodes to the same value; what the oracle encodes, we decode to the same value.
 * Returns what went wrong, at most ten of it.
 */
export function disagreements(oracle: ErlangOracle, subjects: readonly Subject[], valuesEach: number, seed: number): string[] {
  const random = new Random(seed);
  return disagreementsAbout(oracle, subjects.flatMap((subject) => Array.from({ length: valuesEach }, () => ({ ...subject, value: randomValue(subject.schema, random) }))));
}

/** As `disagreements`, about the values given; `notation` says how Erlang has them. */
export function disagreementsAbout(oracle: ErlangOracle, about: readonly (Subject & { value: unknown })[], notation = erlangTerm<unknown>): string[] {
  const cases = about.map((subject) => {
    const term = notation(subject.schema, subject.value);
    return { ...subject, term, octets: encode(subject.schema, subject.value), readOnly: subject.readOnly ?? beyondItsEncoder(term) };
  });
  const tasks = cases.flatMap(({ module, type, term, octets, readOnly }): Task[] => [
    { task: 'decode', module, type, octets, term },
    ...(readOnly ? [] : [{ task: 'encode' as const, module, type, term }]),
  ]);
  const answers = oracle.answer(tasks)[Symbol.iterator]();
  const next = (): string => answers.next().value as string;
  const faults = cases.flatMap(({ name, schema, term, octets, readOnly }) => {
    const decoded = next();
    const encoded = readOnly ? undefined : next();
    const told = `${name} ${term} ${octets.toString('hex')}`.slice(0, 2_000);
    if (decoded !== 'ok') return [`ours is read as ${decoded.slice(0, 400)}: ${told}`];
    if (encoded === undefined) return [];
    const [verdict, hex = ''] = encoded.split(' ');
    if (verdict !== 'ok') return [`not encoded, ${encoded.slice(0, 400)}: ${told}`];
    const read = notation(schema, decode(schema, Buffer.from(hex, 'hex'), ROOMY));
    if (read !== term) return [`theirs, ${hex}, is read as ${read.slice(0, 400)}: ${told}`];
    return hex === octets.toString('hex') ? [] : [`theirs is ${hex}: ${told}`];
  });
  return faults.slice(0, 10);
}

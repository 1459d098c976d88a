import { Fault, within } from './fault';
import { MAX_ADDITIONS, type PerReader } from './reader';
import { unfit, type Addition, type Component, type Schema } from './schema';
import type { PerWriter } from './writer';

export type Fields = Record<string, unknown>;

/** One extension addition as the codec handles it; groups have no name of their own. */
export interface CodedAddition {
  readonly name: string | undefined;
  /** What the open type of the addition holds. */
  readonly schema: Schema<unknown>;
  present(value: Fields): boolean;
}

/** An addition with its codec; `compile` makes that of a group, which is a sequence in its open type. */
export function codedAddition(
  addition: Addition, compile: (root: readonly Component[], additions: undefined) => Pick<Schema<Fields>, 'read' | 'write'>,
): CodedAddition {
  if (!('group' in addition)) return { name: addition.name, schema: addition.schema, present: (value) => value[addition.name] !== undefined };
  const schema = { form: { kind: 'SEQUENCE' as const, root: addition.group }, ...compile(addition.group, undefined) };
  return { name: undefined, schema: schema as Schema<unknown>, present: (value) => addition.group.some(({ name }) => value[name] !== undefined) };
}

/** Reads `count` additions (X.691 section 19.7 to 19.9), whatever they are and however many. */
export function readAdditions(reader: PerReader, value: Fields, added: readonly CodedAddition[], count: number): void {
  if (count < 1 || count > MAX_ADDITIONS) throw new Fault('per-limit', `${count} extension additions`);
  const present = Array.from({ length: count }, () => reader.bit());
  let unknown: Record<number, Buffer> | undefined;
  for (let i = 0; i < count; i++) {
    if (!present[i]) continue;
    const addition = added[i];
    try {
      if (!addition) (unknown ??= {})[i] = reader.sized();
      else if (addition.name !== undefined) value[addition.name] = reader.open(addition.schema);
      else Object.assign(value, reader.open(addition.schema));
    } catch (thrown) {
      throw addition && addition.name === undefined ? thrown : within(thrown, addition?.name ?? '...');
    }
  }
  if (unknown) value['...'] = unknown;
}

/** Writes the additions that are present, known and unknown. */
export function writeAdditions(writer: PerWriter, value: Fields, added: readonly CodedAddition[]): void {
  const unknown = unknownOf(value, added.length);
  const count = unknown.reduce((most, [index]) => Math.max(most, index + 1), added.length);
  writer.smallLength(count);
  for (let i = 0; i < count; i++) writer.bit(i < added.length ? added[i]!.present(value) : unknown.some(([index]) => index === i));
  for (const addition of added) {
    if (!addition.present(value)) continue;
    try {
      writer.open(addition.schema, addition.name === undefined ? value : value[addition.name]);
    } catch (thrown) {
      throw addition.name === undefined ? thrown : within(thrown, addition.name);
    }
  }
  for (const [, octets] of unknown) writer.sized(octets);
}

export function hasUnknown(value: Fields): boolean {
  const unknown = value['...'];
  return unknown !== undefined && Object.keys(unknown as object).length > 0;
}

function unknownOf(value: Fields, known: number): [number, Buffer][] {
  const unknown = value['...'];
  if (unknown === undefined) return [];
  const entries = Object.entries(unknown as Record<string, unknown>).map(([name, octets]): [number, Buffer] => {
    const index = Number(name);
    if (!Number.isInteger(index) || index < known || index >= MAX_ADDITIONS) throw unfit(`an addition's index of ${known} or more`, name).within('...');
    if (!(octets instanceof Uint8Array)) throw unfit('octets', octets).within('...');
    return [index, octets as Buffer];
  });
  return entries.sort(([a], [b]) => a - b);
}

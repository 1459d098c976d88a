import { within, type Fault } from './fault';
import { generate, property } from './generate';
import type { PerReader } from './reader';
import { unfit, type Alternative, type Schema } from './schema';
import type { PerWriter } from './writer';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a schema of any value: Schema is invariant
export type Alternatives = Readonly<Record<string, Schema<any>>>;

/** An alternative that this version of the schema does not know: its index among the additions, and its encoding as it came. */
export interface UnknownAlternative {
  readonly index: number;
  readonly encoding: Buffer;
}

type ValuesOf<A> = { [K in keyof A]: A[K] extends Schema<infer T> ? T : never };

/** An object with exactly one of the keys: how a choice's values are typed. */
export type OneOf<V> = { [K in keyof V]: { readonly [N in K]: V[N] } }[keyof V];

/** The values of a choice: an object with one key, the name of the alternative; `in` narrows it. */
export type ChoiceValue<R, A> = OneOf<ValuesOf<R>> | ([A] extends [never] ? never : OneOf<ValuesOf<A>> | { readonly '...': UnknownAlternative });

/** All names that a value of a choice may have. */
export type NameOf<V> = V extends unknown ? keyof V : never;

/** The name of the alternative that a choice's value holds. */
export function chosen<V extends object>(value: V): NameOf<V> {
  for (const name in value) return name as unknown as NameOf<V>;
  throw unfit('an object with one key', value).toError();
}

/** What a choice's value holds when it is the named alternative, undefined when it is another. */
export function alternative<V extends object, N extends NameOf<V>>(value: V | undefined, name: N): (V extends { readonly [K in N]: infer T } ? T : never) | undefined {
  return value === undefined ? undefined : (value as Record<N, never>)[name];
}

/** CHOICE; `additions` stands for what follows the extension marker, `{}` when nothing does yet. */
export function choice<const R extends Alternatives, const A extends Alternatives = never>(root: R, additions?: A): Schema<ChoiceValue<R, A>> {
  const first = listOf(root);
  const added = additions && listOf(additions);
  return { form: { kind: 'CHOICE', root: first, additions: added }, read: compileRead(first, added), write: compileWrite(first, added) } as unknown as Schema<never>;
}

const listOf = (alternatives: Alternatives): Alternative[] => Object.entries(alternatives).map(([name, schema]) => ({ name, schema: schema as Schema<unknown> }));

/** The schemas by position, and what else generated source uses. */
const scopeOf = (all: readonly Alternative[]): Record<string, unknown> => ({
  ...Object.fromEntries(all.map(({ schema }, i) => [`s${i}`, schema])),
  names: all.map(({ name }) => name), indexes: new Map(all.map(({ name }, i) => [name, i])), within, onlyKey, strange, writeUnknown,
});

/** X.691 section 23: an index, then the alternative; additions in an open type. */
function compileRead(root: readonly Alternative[], added: readonly Alternative[] | undefined): (reader: PerReader) => unknown {
  const cases = root.map(({ name }, i) => `case ${i}: return { ${JSON.stringify(name)}: s${i}.read(reader) };`);
  const addedCases = (added ?? []).map(({ name }, i) => `case ${root.length + i}: return { ${JSON.stringify(name)}: reader.open(s${root.length + i}) };`);
  return generate(`function read(reader) {
    const index = ${added ? `reader.bit() ? ${root.length} + reader.small() : ` : ''}reader.constrained(0, ${root.length});
    try {
      switch (index) {
        ${[...cases, ...addedCases].join('\n        ')}
        default: return { '...': { index: index - ${root.length}, encoding: reader.sized() } };
      }
    } catch (thrown) {
      throw within(thrown, names[index] ?? '...');
    }
  }`, scopeOf([...root, ...(added ?? [])]));
}

function compileWrite(root: readonly Alternative[], added: readonly Alternative[] | undefined): (writer: PerWriter, value: object) => void {
  const cases = root.map(({ name }, i) =>
    `case ${i}: ${added ? 'writer.bits(0, 1); ' : ''}writer.constrained(${i}, 0, ${root.length}); s${i}.write(writer, ${property(name)}); return;`);
  const addedCases = (added ?? []).map(({ name }, i) =>
    `case ${root.length + i}: writer.bits(1, 1); writer.small(${i}); writer.open(s${root.length + i}, ${property(name)}); return;`);
  return generate(`function write(writer, value) {
    const name = onlyKey(value);
    try {
      switch (indexes.get(name)) {
        ${[...cases, ...addedCases].join('\n        ')}
      }
    } catch (thrown) {
      throw within(thrown, name);
    }
    ${added ? `if (name === '...') return writeUnknown(writer, value['...'], ${added.length});` : ''}
    throw strange(name, names);
  }`, scopeOf([...root, ...(added ?? [])]));
}

const strange = (name: string, names: readonly string[]): Fault => unfit(`one of ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`, name);

function onlyKey(value: unknown): string {
  let only: string | undefined;
  if (typeof value === 'object' && value !== null) {
    for (const name in value) {
      if (only !== undefined) return onlyDefinedKey(value);
      only = name;
    }
  }
  if (only === undefined) throw unfit('an object with one key, the name of the alternative', value);
  return only;
}

/** Keys whose values are undefined do not count. */
function onlyDefinedKey(value: object): string {
  const names = Object.entries(value).flatMap(([name, content]) => (content === undefined ? [] : [name]));
  if (names.length !== 1) throw unfit('an object with one key', value);
  return names[0]!;
}

function writeUnknown(writer: PerWriter, value: UnknownAlternative, known: number): void {
  if (!Number.isInteger(value?.index) || value.index < known || value.index > 0xffff_ffff || !(value.encoding instanceof Uint8Array)) {
    throw unfit('an unknown alternative {index, encoding}', value).within('...');
  }
  writer.bit(true);
  writer.small(value.index);
  writer.sized(value.encoding);
}

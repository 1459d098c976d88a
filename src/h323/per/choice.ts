import { within } from './fault';
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
  const index = new Map([...first, ...(added ?? [])].map(({ name }, at) => [name, at]));

  const read = (reader: PerReader): unknown => {
    if (added && reader.bit()) return readAddition(reader, added);
    const { name, schema } = first[reader.constrained(0, first.length)]!;
    try {
      return { [name]: schema.read(reader) };
    } catch (thrown) {
      throw within(thrown, name);
    }
  };

  const write = (writer: PerWriter, value: Record<string, unknown>): void => {
    const name = onlyKey(value);
    const at = index.get(name);
    if (at === undefined) {
      if (added && name === '...') return writeUnknown(writer, value['...'] as UnknownAlternative, added.length);
      throw unfit(`one of ${[...index.keys()].slice(0, 8).join(', ')}${index.size > 8 ? ', …' : ''}`, name);
    }
    try {
      if (added) writer.bit(at >= first.length);
      if (at < first.length) {
        writer.constrained(at, 0, first.length);
        first[at]!.schema.write(writer, value[name]);
      } else {
        writer.small(at - first.length);
        writer.open(added![at - first.length]!.schema, value[name]);
      }
    } catch (thrown) {
      throw within(thrown, name);
    }
  };
  return { form: { kind: 'CHOICE', root: first, additions: added }, read, write } as unknown as Schema<never>;
}

const listOf = (alternatives: Alternatives): Alternative[] => Object.entries(alternatives).map(([name, schema]) => ({ name, schema: schema }));

function onlyKey(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    let only: string | undefined;
    for (const name in value) {
      if ((value as Record<string, unknown>)[name] === undefined) continue;
      if (only !== undefined) throw unfit('an object with one key', value);
      only = name;
    }
    if (only !== undefined) return only;
  }
  throw unfit('an object with one key, the name of the alternative', value);
}

function readAddition(reader: PerReader, added: readonly Alternative[]): unknown {
  const index = reader.small();
  const known = added[index];
  if (!known) return { '...': { index, encoding: reader.sized() } };
  try {
    return { [known.name]: reader.open(known.schema) };
  } catch (thrown) {
    throw within(thrown, known.name);
  }
}

function writeUnknown(writer: PerWriter, value: UnknownAlternative, known: number): void {
  if (!Number.isInteger(value?.index) || value.index < known || value.index > 0xffff_ffff || !(value.encoding instanceof Uint8Array)) {
    throw unfit('an unknown alternative {index, encoding}', value).within('...');
  }
  writer.bit(true);
  writer.small(value.index);
  writer.sized(value.encoding);
}

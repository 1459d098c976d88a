import { Fault, within } from './fault';
import type { PerReader } from './reader';
import { unfit, type Addition, type Component, type Schema } from './schema';
import type { PerWriter } from './writer';

/** A component that may be absent. */
export interface Optional<T> {
  readonly optional: Schema<T>;
}

/** A component that takes a value of its own when it is absent. */
export interface Defaulted<T> {
  readonly optional: Schema<T>;
  readonly fallback: T;
}

/** Extension additions that come and go together: `[[ … ]]`. Their names stand beside those of the other components. */
export interface Group<C extends Components = Components> {
  readonly group: C;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a schema of any value: Schema is invariant
type AnySchema = Schema<any>;
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
type AnyOptional = Optional<any> | Defaulted<any>;
export type Components = Readonly<Record<string, AnySchema | AnyOptional>>;
export type Additions = Readonly<Record<string, AnySchema | AnyOptional | Group>>;

export const optional = <T>(schema: Schema<T>): Optional<T> => ({ optional: schema });
/** DEFAULT: decoding fills the value in; encoding leaves it out. For values that compare by `===`, and choices of NULL. */
export const withDefault = <T>(schema: Schema<T>, fallback: NoInfer<T>): Defaulted<T> => ({ optional: schema, fallback });
export const group = <const C extends Components>(components: C): Group<C> => ({ group: components });

/** Additions that this version of the schema does not know, by their index among the additions, as they came. */
export type UnknownAdditions = Readonly<Record<number, Buffer>>;

type ValueOf<C> = C extends { readonly optional: Schema<infer T> } ? T : C extends Schema<infer T> ? T : never;
type RequiredNames<C> = { [K in keyof C]: C[K] extends { readonly optional: unknown } | Group ? never : K }[keyof C];
type RootFields<C> = { [K in RequiredNames<C>]: ValueOf<C[K]> } & { [K in Exclude<keyof C, RequiredNames<C>>]?: ValueOf<C[K]> };
type GroupNames<A> = { [K in keyof A]: A[K] extends Group ? K : never }[keyof A];
type Intersection<U> = (U extends unknown ? (u: U) => void : never) extends (u: infer I) => void ? I : never;
type GroupFields<A> = Intersection<{ [K in GroupNames<A>]: A[K] extends Group<infer C> ? { [N in keyof C]?: ValueOf<C[N]> } : never }[GroupNames<A>]>;
type AdditionFields<A> = { [K in Exclude<keyof A, GroupNames<A>>]?: ValueOf<A[K]> }
  & ([GroupNames<A>] extends [never] ? unknown : GroupFields<A>)
  & { '...'?: UnknownAdditions };
type Flat<T> = { [K in keyof T]: T[K] };

/** The values of a sequence. Additions may always be absent: the sender may know an older version. */
export type SequenceValue<C, A> = Flat<RootFields<C> & ([A] extends [never] ? unknown : AdditionFields<A>)>;

/**
 * SEQUENCE with its components in order. `additions` stands for what follows the extension marker, `{}` when nothing does yet; a
 * sequence without it cannot be extended. Additions that the schema does not know are kept under `'...'` and encoded again.
 */
export const sequence = <const C extends Components, const A extends Additions = never>(components: C, additions?: A): Schema<SequenceValue<C, A>> =>
  structure('SEQUENCE', components, additions) as Schema<never>;

/** SET with its components in the order of their tags, which is the order of writing under automatic tags. */
export const set = <const C extends Components, const A extends Additions = never>(components: C, additions?: A): Schema<SequenceValue<C, A>> =>
  structure('SET', components, additions) as Schema<never>;

type Fields = Record<string, unknown>;

const componentsOf = (components: Components): Component[] =>
  Object.entries(components).map(([name, given]) => ('optional' in given
    ? { name, schema: given.optional, optional: true, ...('fallback' in given && { fallback: given.fallback as unknown }) }
    : { name, schema: given, optional: false }));

const additionsOf = (additions: Additions): Addition[] =>
  Object.entries(additions).map(([name, given]) => ('group' in given ? { group: componentsOf((given as Group).group) } : componentsOf({ [name]: given })[0]!));

/** So many optional components are tested in one word. */
const WORD = 31;

function structure(kind: 'SEQUENCE' | 'SET', components: Components, additions: Additions | undefined): Schema<Fields> {
  const root = componentsOf(components);
  const added = additions && additionsOf(additions).map(toAddition);
  const members = new Members(root);
  return {
    form: { kind, root, additions: additions && additionsOf(additions) },
    read(reader) {
      const extended = added !== undefined && reader.bit();
      const value: Fields = {};
      members.read(reader, value);
      if (extended) readAdditions(reader, value, added);
      return value;
    },
    write(writer, value) {
      if (typeof value !== 'object' || value === null) throw unfit('an object', value);
      const extended = added !== undefined && anyPresent(added, value);
      if (added !== undefined) writer.bit(extended);
      members.write(writer, value);
      if (extended) writeAdditions(writer, value, added);
    },
  };
}

/** The components of a root or a group: the bits that say which optional ones are there, then their values. */
class Members {
  private readonly optionalCount: number;

  constructor(private readonly components: readonly Component[]) {
    this.optionalCount = components.filter((component) => component.optional).length;
    if (this.optionalCount > WORD) throw new RangeError(`a sequence with more than ${WORD} optional components in its root`);
  }

  present(value: Fields): boolean {
    return this.components.some((component) => isPresent(component, value));
  }

  read(reader: PerReader, value: Fields): void {
    const { components, optionalCount } = this;
    const present = optionalCount === 0 ? 0 : reader.bits(optionalCount);
    let mask = optionalCount === 0 ? 0 : 1 << (optionalCount - 1);
    let i = 0;
    try {
      for (; i < components.length; i++) {
        const component = components[i]!;
        if (component.optional) {
          const here = (present & mask) !== 0;
          mask >>= 1;
          if (!here) {
            if (component.fallback !== undefined) value[component.name] = component.fallback;
            continue;
          }
        }
        value[component.name] = component.schema.read(reader);
      }
    } catch (thrown) {
      throw within(thrown, components[i]!.name);
    }
  }

  write(writer: PerWriter, value: Fields): void {
    const { components, optionalCount } = this;
    let present = 0;
    if (optionalCount > 0) {
      for (let i = 0; i < components.length; i++) {
        const component = components[i]!;
        if (component.optional) present = (present << 1) | (isPresent(component, value) ? 1 : 0);
      }
      writer.bits(present, optionalCount);
    }
    let mask = optionalCount === 0 ? 0 : 1 << (optionalCount - 1);
    let i = 0;
    try {
      for (; i < components.length; i++) {
        const component = components[i]!;
        if (component.optional) {
          const here = (present & mask) !== 0;
          mask >>= 1;
          if (!here) continue;
        }
        component.schema.write(writer, value[component.name]);
      }
    } catch (thrown) {
      throw within(thrown, components[i]!.name);
    }
  }
}

function isPresent(component: Component, value: Fields): boolean {
  const given = value[component.name];
  return given !== undefined && (component.fallback === undefined || !isFallback(given, component.fallback));
}

function isFallback(given: unknown, fallback: unknown): boolean {
  if (given === fallback) return true;
  if (typeof given !== 'object' || typeof fallback !== 'object' || given === null || fallback === null) return false;
  return Object.entries(fallback).every(([name, alternative]) => alternative === null && (given as Fields)[name] === null);
}

/** One addition as the codec handles it: the members that its open type carries. */
interface CodedAddition {
  readonly component?: Component;
  readonly members?: Members;
  readonly schema: Schema<unknown>;
  present(value: Fields): boolean;
}

function toAddition(addition: Addition): CodedAddition {
  if (!('group' in addition)) {
    return { component: addition, schema: addition.schema, present: (value) => value[addition.name] !== undefined };
  }
  const members = new Members(addition.group);
  return {
    members,
    present: (value) => members.present(value),
    schema: {
      form: { kind: 'SEQUENCE', root: addition.group },
      read(reader) {
        const value: Fields = {};
        members.read(reader, value);
        return value;
      },
      write: (writer, value) => members.write(writer, value as Fields),
    },
  };
}

/** No version of a standard comes near; more are a hostile peer's. */
const MAX_ADDITIONS = 1024;

function anyPresent(added: readonly CodedAddition[], value: Fields): boolean {
  for (let i = 0; i < added.length; i++) if (added[i]!.present(value)) return true;
  return value['...'] !== undefined && Object.keys(value['...'] as object).length > 0;
}

/** X.691 section 19.7 to 19.9. */
function readAdditions(reader: PerReader, value: Fields, added: readonly CodedAddition[]): void {
  const count = reader.smallLength();
  if (count < 1 || count > MAX_ADDITIONS) throw new Fault('per-limit', `${count} extension additions`);
  const present: boolean[] = [];
  for (let i = 0; i < count; i++) present.push(reader.bit());
  let unknown: Record<number, Buffer> | undefined;
  for (let i = 0; i < count; i++) {
    if (!present[i]) continue;
    const addition = added[i];
    try {
      if (!addition) (unknown ??= {})[i] = reader.sized();
      else if (addition.component) value[addition.component.name] = reader.open(addition.schema);
      else Object.assign(value, reader.open(addition.schema));
    } catch (thrown) {
      throw addition?.members ? thrown : within(thrown, addition?.component?.name ?? '...');
    }
  }
  if (unknown) value['...'] = unknown;
}

function writeAdditions(writer: PerWriter, value: Fields, added: readonly CodedAddition[]): void {
  const unknown = unknownOf(value, added.length);
  const count = unknown.reduce((most, [index]) => Math.max(most, index + 1), added.length);
  writer.smallLength(count);
  for (let i = 0; i < count; i++) writer.bit(i < added.length ? added[i]!.present(value) : unknown.some(([index]) => index === i));
  for (const addition of added) {
    if (!addition.present(value)) continue;
    try {
      writer.open(addition.schema, addition.component ? value[addition.component.name] : value);
    } catch (thrown) {
      throw addition.component ? within(thrown, addition.component.name) : thrown;
    }
  }
  for (const [, octets] of unknown) writer.sized(octets);
}

const NONE: [number, Buffer][] = [];

function unknownOf(value: Fields, known: number): [number, Buffer][] {
  const unknown = value['...'];
  if (unknown === undefined) return NONE;
  const entries = Object.entries(unknown as Record<string, unknown>).map(([name, octets]): [number, Buffer] => {
    const index = Number(name);
    if (!Number.isInteger(index) || index < known || index >= MAX_ADDITIONS) throw unfit(`an addition's index of ${known} or more`, name).within('...');
    if (!(octets instanceof Uint8Array)) throw unfit('octets', octets).within('...');
    return [index, octets as Buffer];
  });
  return entries.sort(([a], [b]) => a - b);
}

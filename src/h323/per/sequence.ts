import type { Addition, Component, Schema } from './schema';
import { compileSequence } from './sequence-codec';

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
    ? { name, schema: given.optional as Schema<unknown>, optional: true, ...('fallback' in given && { fallback: given.fallback as unknown }) }
    : { name, schema: given as Schema<unknown>, optional: false }));

const additionsOf = (additions: Additions): Addition[] =>
  Object.entries(additions).map(([name, given]) => ('group' in given ? { group: componentsOf((given as Group).group) } : componentsOf({ [name]: given })[0]!));

function structure(kind: 'SEQUENCE' | 'SET', components: Components, additions: Additions | undefined): Schema<Fields> {
  const form = { kind, root: componentsOf(components), additions: additions && additionsOf(additions) };
  return { form, ...compileSequence(form.root, form.additions) };
}

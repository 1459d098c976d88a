import { isUtf8 } from 'node:buffer';
import type { Filter } from '../protocol';
import { attributeDescription, ATTRIBUTE_TYPES, type AttributeType, matchingRule, SYNTAX, withSubtypes } from '../schema';
import { approximate, compareBy, normaliserOf, type Normaliser, substringsOf } from './normalise';

/** What an assertion looks for, for indexes: normalised as the attribute's own rule does. */
export type Sought =
  | { by: 'equality'; value: string }
  | { by: 'substrings'; initial?: string; any: readonly string[]; final?: string };

/** An assertion about the values of one attribute description. */
export interface Assertion {
  type: 'assertion';
  /** The type asserted and the kinds of it; empty: of every type that the rule fits. */
  types: readonly AttributeType[];
  /** Options that a value's description must have. */
  options: readonly string[];
  /** Undefined: the assertion is about a value in a way that cannot be told (RFC 4511 section 4.5.1.7). */
  matches(value: string): boolean | undefined;
  sought?: Sought;
  /** Also the parts of the entry's DN. */
  dnAttributes: boolean;
}

/**
 * A filter whose attributes and rules are looked up and whose values are prepared: nothing of what the client sent is left
 * but texts to compare with. `undefined` is a part that is neither true nor false of any entry.
 */
export type TypedFilter =
  | { type: 'and' | 'or'; filters: TypedFilter[] }
  | { type: 'not'; filter: TypedFilter }
  | { type: 'undefined' }
  | { type: 'present'; types: readonly AttributeType[]; options: readonly string[] }
  | Assertion;

const UNDEFINED: TypedFilter = { type: 'undefined' };

export function typedFilter(filter: Filter): TypedFilter {
  switch (filter.type) {
    case 'and':
    case 'or':
      return { type: filter.type, filters: filter.filters.map(typedFilter) };
    case 'not':
      return { type: 'not', filter: typedFilter(filter.filter) };
    case 'present': {
      const described = attributeDescription(filter.attribute);
      return described === undefined ? UNDEFINED : { type: 'present', types: withSubtypes(described.type), options: described.options };
    }
    case 'extensible':
      return extensible(filter);
    case 'substrings': {
      const described = attributeDescription(filter.attribute);
      return described === undefined ? UNDEFINED : asserted(described, substrings(described.type.substrings, filter));
    }
    default: {
      const described = attributeDescription(filter.attribute);
      const value = textOf(filter.value);
      return described === undefined || value === undefined ? UNDEFINED : asserted(described, comparison(filter.type, described.type, value));
    }
  }
}

type Test = Pick<Assertion, 'matches' | 'sought'>;

const asserted = ({ type, options }: { type: AttributeType; options: string[] }, test: Test | undefined): TypedFilter =>
  test === undefined ? UNDEFINED : { type: 'assertion', types: withSubtypes(type), options, dnAttributes: false, ...test };

function comparison(how: 'equality' | 'approx' | 'greaterOrEqual' | 'lessOrEqual', type: AttributeType, value: string): Test | undefined {
  if (how === 'approx' && substringsOf(type.substrings) !== undefined) {
    const wanted = approximate(value);
    return { matches: (one) => approximate(one) === wanted };
  }
  if (how === 'equality' || how === 'approx') return equality(type.equality, value);
  const rule = type.ordering;
  const normalise = normaliserOf(rule);
  const bound = normalise?.(value);
  if (rule === undefined || normalise === undefined || bound === undefined) return undefined;
  const compare = compareBy(rule);
  const wanted = how === 'greaterOrEqual' ? 1 : -1;
  return {
    matches(one) {
      const normalised = normalise(one);
      return normalised === undefined ? undefined : compare(normalised, bound) * wanted >= 0;
    },
  };
}

function equality(rule: string | undefined, value: string): Test | undefined {
  const normalise = normaliserOf(rule);
  const wanted = normalise?.(value);
  if (normalise === undefined || wanted === undefined) return undefined;
  return { matches: (one) => normalise(one) === wanted, sought: { by: 'equality', value: wanted } };
}

function substrings(rule: string | undefined, filter: Extract<Filter, { type: 'substrings' }>): Test | undefined {
  const how = substringsOf(rule);
  if (how === undefined) return undefined;
  const part = (octets: Buffer | undefined, place: 'initial' | 'any' | 'final'): string | undefined => {
    const text = octets && textOf(octets);
    return text === undefined ? undefined : how.part(text, place);
  };
  const initial = part(filter.initial, 'initial');
  const any = filter.any.map((octets) => part(octets, 'any'));
  const final = part(filter.final, 'final');
  if ((filter.initial && initial === undefined) || any.includes(undefined) || (filter.final && final === undefined)) return undefined;
  const sought = { by: 'substrings' as const, initial, any: any as string[], final };
  return { matches: substringTest(sought, how.value), sought };
}

function substringTest({ initial = '', any, final = '' }: Extract<Sought, { by: 'substrings' }>, normalise: Normaliser): (value: string) => boolean | undefined {
  return (value) => {
    const text = normalise(value);
    if (text === undefined) return undefined;
    if (text.length < initial.length + final.length || !text.startsWith(initial) || !text.endsWith(final)) return false;
    const end = text.length - final.length;
    let at = initial.length;
    for (const part of any) {
      const found = text.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}

/** RFC 4511 section 4.5.1.7.7: a rule, an attribute or both. */
function extensible(filter: Extract<Filter, { type: 'extensible' }>): TypedFilter {
  const value = textOf(filter.value);
  const described = filter.attribute === undefined ? undefined : attributeDescription(filter.attribute);
  const rule = filter.rule === undefined ? undefined : matchingRule(filter.rule);
  if (value === undefined || (filter.attribute !== undefined && described === undefined) || (filter.rule !== undefined && rule === undefined)) return UNDEFINED;
  if (rule !== undefined && described !== undefined && !fits(rule.name, described.type)) return UNDEFINED;
  const test = equality(rule?.name ?? described?.type.equality, value);
  if (test === undefined) return UNDEFINED;
  const types = described !== undefined ? withSubtypes(described.type) : ATTRIBUTE_TYPES.filter((type) => rule !== undefined && fits(rule.name, type));
  const own = rule === undefined || rule.name === described?.type.equality;
  return {
    type: 'assertion', types, options: described?.options ?? [], dnAttributes: filter.dnAttributes, matches: test.matches,
    ...(own && !filter.dnAttributes && { sought: test.sought }),
  };
}

const TEXT_SYNTAXES: readonly string[] = [SYNTAX.directoryString, SYNTAX.printableString, SYNTAX.countryString, SYNTAX.telephoneNumber];
/** Syntaxes that rules compare beside those of the types that name them (RFC 4517 section 4.2). */
const SYNTAXES_OF: Readonly<Record<string, readonly string[]>> = {
  caseIgnoreMatch: TEXT_SYNTAXES, caseExactMatch: TEXT_SYNTAXES, caseIgnoreIA5Match: [SYNTAX.ia5String], caseExactIA5Match: [SYNTAX.ia5String],
};

/** Whether a rule can compare the values of a type. */
const fits = (rule: string, { equality: own, syntax }: AttributeType): boolean => own === rule || (SYNTAXES_OF[rule]?.includes(syntax) ?? false);

const textOf = (octets: Buffer): string | undefined => (isUtf8(octets) ? octets.toString('utf8') : undefined);

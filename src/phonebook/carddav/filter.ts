import type { Entry } from '../entry';
import { XmlError, type XmlTree } from '../xml';

/** Whether an entry's card is wanted (RFC 6352 section 10.5). */
export type Filter = (entry: Entry) => boolean;

const MAX_TESTS = 20;

/** The values of a card's property. */
const VALUES: Record<string, (entry: Entry) => (string | undefined)[]> = {
  FN: ({ name }) => [name],
  UID: ({ id }) => [id],
  ORG: ({ organisation }) => [organisation],
  NOTE: ({ description }) => [description],
  EMAIL: ({ email }) => [email],
  TEL: ({ number }) => [number],
  IMPP: ({ methods }) => methods.map(({ protocol, dial }) => `${protocol}:${dial}`),
};

/** Reads a `filter` element; without one, or with an empty one, every card is wanted. Throws XmlError. */
export function readFilter(filter: XmlTree | undefined): Filter {
  const tests = listOf(filter, 'prop-filter').map(readPropertyFilter);
  return combined(tests, filter?.['@test'] === 'allof');
}

function readPropertyFilter(filter: XmlTree): Filter {
  const values = valuesOf(String(filter['@name'] ?? '').toUpperCase());
  if (Object.hasOwn(filter, 'is-not-defined')) return (entry) => values(entry).length === 0;
  const matches = listOf(filter, 'text-match').map(readTextMatch);
  if (matches.length === 0) return (entry) => values(entry).length > 0;
  return combined(matches.map((match) => (entry: Entry) => match(values(entry))), filter['@test'] === 'allof');
}

/** Letters are compared as i;unicode-casemap does (RFC 5051): by their upper case. */
function readTextMatch(match: XmlTree): (values: string[]) => boolean {
  const text = String(match['#text'] ?? '').toUpperCase();
  const type = String(match['@match-type'] ?? 'contains');
  const negated = match['@negate-condition'] === 'yes';
  const compare: Record<string, (value: string) => boolean> = {
    'equals': (value) => value === text, 'contains': (value) => value.includes(text), 'starts-with': (value) => value.startsWith(text), 'ends-with': (value) => value.endsWith(text),
  };
  const matches = Object.hasOwn(compare, type) ? compare[type] : undefined;
  if (matches === undefined) throw new XmlError(`its match type is none of ${Object.keys(compare).join(', ')}`);
  return (values) => values.some((value) => matches(value.toUpperCase())) !== negated;
}

function valuesOf(name: string): (entry: Entry) => string[] {
  const values = Object.hasOwn(VALUES, name) ? VALUES[name] : undefined;
  return (entry) => values?.(entry).filter((value) => value !== undefined) ?? [];
}

const combined = (tests: Filter[], all: boolean): Filter =>
  (entry) => tests.length === 0 || (all ? tests.every((test) => test(entry)) : tests.some((test) => test(entry)));

/** The child elements of a name. An element without attributes and children is read as its text. */
function listOf(tree: XmlTree | undefined, name: string): XmlTree[] {
  const found = tree !== undefined && Object.hasOwn(tree, name) ? [tree[name]].flat() : [];
  if (found.length > MAX_TESTS) throw new XmlError(`it has more than ${MAX_TESTS} ${name} elements`);
  return found.map((one) => (typeof one === 'object' && one !== null ? one as XmlTree : { '#text': one }));
}

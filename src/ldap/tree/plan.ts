import { type Assertion, type Sought, type TypedFilter } from '../matching';
import { type AttributeType, knownType, objectClass } from '../schema';
import { GROUP_NAMES, groupOf } from './index-groups';
import type { Segment } from './segment';
import { ENTRY_KINDS, type EntryKind, shapeOf } from './shapes';
import { type Piece, piecesOf } from './words';

/** Entries among which all that match are; possibly more than those, and some more than once. */
export interface Candidates {
  /** About how many. */
  estimate: number;
  /** Whether an entry may come twice. */
  repeats: boolean;
  entries(): Iterable<number>;
  /** A quick test that every entry that matches passes; none: all have to be looked at. */
  probe?: (entry: number) => boolean;
}

const NOTHING: Candidates = { estimate: 0, repeats: false, entries: () => [] };
const OBJECT_CLASS = knownType('objectClass');
/** Every entry has these. */
const EVERYWHERE = ['structuralObjectClass', 'entryUUID', 'entryDN', 'subschemaSubentry'].map(knownType);

/** Kinds of entry as bits, in the order of ENTRY_KINDS. */
type Kinds = number;
const ALL_KINDS: Kinds = (1 << ENTRY_KINDS.length) - 1;
const bit = (kind: EntryKind): Kinds => 1 << ENTRY_KINDS.indexOf(kind);
const kindsWhere = (test: (kind: EntryKind) => boolean): Kinds => ENTRY_KINDS.reduce((kinds, kind) => (test(kind) ? kinds | bit(kind) : kinds), 0);

const KINDS_WITH = new Map<AttributeType, Kinds>();
function kindsWith(type: AttributeType): Kinds {
  let kinds = KINDS_WITH.get(type);
  if (kinds === undefined) KINDS_WITH.set(type, kinds = EVERYWHERE.includes(type) ? ALL_KINDS : kindsWhere((kind) => shapeOf(kind).attributes.has(type)));
  return kinds;
}

/** The kinds of entry of which a filter can be true. */
export function possibleKinds(filter: TypedFilter): Kinds {
  switch (filter.type) {
    case 'and':
      return filter.filters.reduce((kinds, part) => kinds & possibleKinds(part), ALL_KINDS);
    case 'or':
      return filter.filters.reduce((kinds, part) => kinds | possibleKinds(part), 0);
    case 'not':
      return ALL_KINDS;
    case 'undefined':
      return 0;
    case 'present':
      return filter.types.reduce((kinds, type) => kinds | kindsWith(type), 0);
    case 'assertion':
      if (filter.dnAttributes) return ALL_KINDS;
      if (filter.types.length === 1 && filter.types[0] === OBJECT_CLASS) return kindsOfClass(filter.sought);
      return filter.types.reduce((kinds, type) => kinds | kindsWith(type), 0);
  }
}

function kindsOfClass(sought: Sought | undefined): Kinds {
  const wanted = sought?.by === 'equality' ? objectClass(sought.value) : undefined;
  return kindsWhere((kind) => wanted !== undefined && shapeOf(kind).classes.some((name) => objectClass(name) === wanted));
}

export const hasKind = (kinds: Kinds, kind: EntryKind): boolean => (kinds & bit(kind)) !== 0;

/** The cheapest way to the entries of a segment that may match; undefined: no index helps. */
export function candidatesFor(filter: TypedFilter, segment: Segment): Candidates | undefined {
  switch (filter.type) {
    case 'and': {
      const found = filter.filters.flatMap((part) => candidatesFor(part, segment) ?? []);
      if (found.length === 0) return undefined;
      const best = found.reduce((least, one) => (one.estimate < least.estimate ? one : least));
      return { ...best, probe: allOf(found.map(({ probe }) => probe)) };
    }
    case 'or': {
      const found: Candidates[] = [];
      for (const part of filter.filters) {
        const one = candidatesFor(part, segment);
        if (one === undefined) return undefined;
        if (one.estimate > 0) found.push(one);
      }
      return union(found);
    }
    case 'undefined':
      return NOTHING;
    case 'assertion':
      return candidatesOf(filter, segment);
    default:
      return undefined;
  }
}

function union(found: readonly Candidates[]): Candidates {
  const [only] = found;
  if (only === undefined) return NOTHING;
  if (found.length === 1) return only;
  return {
    estimate: found.reduce((sum, { estimate }) => sum + estimate, 0),
    repeats: true,
    *entries() {
      for (const one of found) yield* one.entries();
    },
  };
}

function candidatesOf({ types, sought }: Assertion, segment: Segment): Candidates | undefined {
  const group = sought === undefined ? undefined : groupOf(types);
  if (sought === undefined || group === undefined) return undefined;
  const { values, terms } = segment.parts;
  if (sought.by === 'equality') {
    const space = GROUP_NAMES.indexOf(group);
    const value = sought.value.toLowerCase();
    return { estimate: values.count(space, value), repeats: false, entries: () => values.find(space, value) };
  }
  const index = terms[group];
  const pieces = piecesOf({ initial: sought.initial?.toLowerCase(), any: sought.any.map((part) => part.toLowerCase()), final: sought.final?.toLowerCase() });
  let best: { piece: Piece; estimate: number } | undefined;
  for (const piece of pieces) {
    const estimate = index.estimate(piece);
    if (best === undefined || estimate < best.estimate) best = { piece, estimate };
  }
  if (best === undefined) return undefined;
  const { piece, estimate } = best;
  return {
    estimate, repeats: true, entries: () => index.find(piece),
    probe: allOf(pieces.filter((other) => other !== piece).map((other) => index.probe(other))),
  };
}

type Probe = NonNullable<Candidates['probe']>;

function allOf(probes: readonly (Probe | undefined)[]): Probe | undefined {
  const given = probes.filter((probe) => probe !== undefined);
  const [first] = given;
  if (given.length <= 1) return first;
  return (entry) => given.every((probe) => probe(entry));
}

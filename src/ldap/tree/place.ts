import { type Dn, parseDn } from '../dn';
import { normaliserOf, normaliseDn } from '../matching';
import { knownType } from '../schema';
import { NONE, type Ownership, type Segment } from './segment';
import type { EntryKind } from './shapes';
import type { Tree } from './tree';

/** An entry by its kind and key. */
export interface Place {
  kind: EntryKind;
  key: string;
}

const [O, OU, L, UID, COMM] = ['o', 'ou', 'l', 'uid', 'commUniqueId'].map(knownType);
const ROOT: Place = { kind: 'root', key: '' };

/**
 * The place that a DN names, whether there is an entry or not; undefined: none in this tree. The tree has few forms of name,
 * so a name is read rather than looked up.
 */
export function placeOf(dn: Dn, tree: Tree): (Place & { parent?: Place }) | undefined {
  const suffix = parsedSuffix(tree.suffix);
  const depth = dn.length - suffix.length;
  if (depth < 0 || normaliseDn(dn.slice(depth)) !== suffix.normalised) return undefined;
  let place: (Place & { parent?: Place }) = ROOT;
  for (let i = depth - 1; i >= 0; i--) {
    const [ava, ...more] = dn[i] ?? [];
    if (ava === undefined || more.length > 0 || ava.type === undefined) return undefined;
    const value = normaliserOf(ava.type.equality)?.(ava.value)?.toLowerCase();
    const below = value === undefined ? undefined : step(place, ava.type, value);
    if (below === undefined) return undefined;
    place = { ...below, parent: place };
  }
  return place;
}

function step(from: Place, type: unknown, value: string): Place | undefined {
  switch (from.kind) {
    case 'root':
      return type === O ? { kind: 'organisation', key: value } : undefined;
    case 'organisation':
      if (type === L) return { kind: 'site', key: value };
      return type === OU && (value === 'services' || value === 'people') ? { kind: value, key: from.key } : undefined;
    case 'site':
      return type === COMM ? { kind: 'device', key: value } : undefined;
    case 'services':
      return type === COMM ? { kind: 'service', key: value } : undefined;
    case 'people':
      return type === UID ? { kind: 'person', key: value } : undefined;
    default:
      return undefined;
  }
}

interface Suffix { length: number; normalised: string | undefined }
let lately: { text: string; suffix: Suffix } | undefined;
function parsedSuffix(text: string): Suffix {
  if (lately?.text !== text) {
    const dn = parseDn(text) ?? [];
    lately = { text, suffix: { length: dn.length, normalised: normaliseDn(dn) } };
  }
  return lately.suffix;
}

/** Whether an entry is below a place, and how far: 0 the place itself, 1 directly below, 2 deeper; -1: elsewhere. */
export type Depth = (entry: number) => 0 | 1 | 2 | -1;

/** For one segment, how far below `place` its entries are. */
export function depthBelow(place: Place, segment: Segment): Depth {
  const { organisationOf, siteOf } = segment.parts;
  switch (place.kind) {
    case 'root':
      return (entry) => {
        const kind = segment.kindOf(entry);
        return kind === 'root' ? 0 : kind === 'organisation' ? 1 : 2;
      };
    case 'organisation': {
      const number = segment.organisationNumber(place.key);
      return (entry) => {
        if (number === NONE || organisationOf[entry] !== number) return -1;
        const kind = segment.kindOf(entry);
        return kind === 'organisation' ? 0 : kind === 'site' || kind === 'services' || kind === 'people' ? 1 : 2;
      };
    }
    case 'site': {
      const number = segment.siteNumber(place.key);
      return (entry) => (number === NONE || siteOf[entry] !== number ? -1 : segment.kindOf(entry) === 'site' ? 0 : 1);
    }
    case 'services':
    case 'people': {
      const number = segment.organisationNumber(place.key);
      const inside = place.kind === 'services' ? 'service' : 'person';
      return (entry) => {
        if (number === NONE || organisationOf[entry] !== number) return -1;
        const kind = segment.kindOf(entry);
        return kind === place.kind ? 0 : kind === inside ? 1 : -1;
      };
    }
    default: {
      const own = segment.find(place.kind, place.key);
      return (entry) => (entry === own ? 0 : -1);
    }
  }
}

/** The entries of a segment from which those of a scope are taken: a part of a list, or of all entries. */
export interface Extent { list?: Uint32Array; from: number; to: number }

/** Where the entries of a scope are; wider than the scope at times, and narrowed to the kinds that may match. */
export function extentOf(place: Place, scope: 'base' | 'one' | 'sub', kinds: readonly EntryKind[], segment: Segment): Extent {
  const { ofOrganisation, ofSite } = segment.parts;
  const [first, last] = [kinds[0], kinds.at(-1)];
  if (first === undefined || last === undefined) return EMPTY;
  const from = segment.rangeOf(first)[0];
  const to = segment.rangeOf(last)[1];
  if (scope === 'base') return single(segment.find(place.kind, place.key));
  switch (place.kind) {
    case 'root': {
      const [lowest, highest] = scope === 'one' ? segment.rangeOf('organisation') : [0, segment.size];
      return { from: Math.max(from, lowest), to: Math.min(to, highest) };
    }
    case 'organisation':
      return owned(ofOrganisation, segment.organisationNumber(place.key), from, scope === 'one' ? Math.min(to, segment.rangeOf('site')[1]) : to);
    case 'services':
    case 'people':
      return owned(ofOrganisation, segment.organisationNumber(place.key), from, to);
    case 'site':
      return owned(ofSite, segment.siteNumber(place.key), from, to);
    default:
      return scope === 'one' ? EMPTY : single(segment.find(place.kind, place.key));
  }
}

const EMPTY: Extent = { from: 0, to: 0 };
const single = (entry: number): Extent => (entry < 0 ? EMPTY : { from: entry, to: entry + 1 });

/** The owner's entries from `lowest` to `highest`; an owner's entries ascend. */
function owned({ starts, entries }: Ownership, owner: number, lowest: number, highest: number): Extent {
  if (owner === NONE) return EMPTY;
  const firstFrom = (bound: number): number => {
    let low = starts[owner] ?? 0;
    let high = starts[owner + 1] ?? 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((entries[middle] ?? 0) < bound) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return { list: entries, from: firstFrom(lowest), to: firstFrom(highest) };
}

import type { Dn } from '../dn';
import { evaluate, type TypedFilter } from '../matching';
import type { AttributeType } from '../schema';
import { knownType } from '../schema';
import { Entry } from './entry';
import { depthBelow, type Extent, extentOf, type Place, placeOf } from './place';
import { candidatesFor, hasKind, possibleKinds } from './plan';
import { hasBit, NONE, type Segment } from './segment';
import { ENTRY_KINDS, type EntryKind } from './shapes';
import type { Layer, Tree } from './tree';

/** How much of an organisation's entries a reader sees; each level has what those before it have. */
export const LEVELS = ['nothing', 'services', 'phonebook', 'everything'] as const;
export type Level = (typeof LEVELS)[number];

/** What one reader may see, by organisation. */
export interface Visibility {
  levelOf(organisation: string, tree: Tree): Level;
}

/** What only those see who see everything of an organisation: how calls are answered, and names that devices log in with. */
const INTERNAL: ReadonlySet<AttributeType> = new Set(['etasiltaPlan', 'SIPIdentityUserName', 'h235IdentityEndpointID'].map(knownType));
const NO_TYPES: ReadonlySet<AttributeType> = new Set();

/** Kinds that are the way to others; shown with any level above nothing. */
const STRUCTURE: readonly EntryKind[] = ['organisation', 'services', 'people', 'site'];

export type Scope = 'base' | 'one' | 'sub';

export interface Query {
  base: Place;
  scope: Scope;
  filter: TypedFilter;
}

/** A step of a search: an entry that matches, or one that was looked at in vain. */
export type Step = Entry | undefined;

/**
 * The tree as one reader may see it. Whoever answers a request has this and never the tree itself, so that nothing can be
 * found, counted, compared or guessed that may not be read.
 */
export class ReadableTree {
  private readonly levels = new Map<Segment, Uint8Array>();

  constructor(private readonly tree: Tree, private readonly visibility: Visibility) {}

  get suffix(): string {
    return this.tree.suffix;
  }

  get revision(): number {
    return this.tree.revision;
  }

  /** The entry that a DN names, or how much of the DN there is. */
  resolve(dn: Dn): { entry: Entry; place: Place } | { matchedDn: string } {
    let matched: Entry | undefined;
    for (let from = dn.length; from >= 0; from--) {
      const place = placeOf(dn.slice(from), this.tree);
      const entry = place && this.entryAt(place);
      if (place === undefined || entry === undefined) continue;
      // The entry is where the DN says only if what it belongs to is what the DN goes through.
      if (place.parent !== undefined && matched !== undefined && !isChild(entry, place.parent)) return { matchedDn: matched.dn };
      if (from === 0) return { entry, place };
      matched = entry;
    }
    return { matchedDn: matched?.dn ?? '' };
  }

  /** A record as its entry, whole; for who may write it. */
  show(kind: EntryKind, record: unknown): Entry {
    const { credentials } = record as { credentials?: { username: string } };
    return new Entry(kind, credentials === undefined ? record : { ...(record as object), username: credentials.username }, this.tree, NO_TYPES);
  }

  /** Whether an entry has any below it that this reader sees. */
  hasSubordinates(place: Place): boolean {
    for (const step of this.search({ base: place, scope: 'one', filter: { type: 'and', filters: [] } })) if (step !== undefined) return true;
    return false;
  }

  /** Goes through the entries that match, one step for each that has to be looked at. */
  *search(query: Query): Generator<Step> {
    const kinds = possibleKinds(query.filter);
    for (const layer of this.tree.layers) yield* this.searchLayer(query, layer, kinds);
  }

  private *searchLayer({ base, scope, filter }: Query, { segment, alive }: Layer, kinds: number): Generator<Step> {
    const depth = depthBelow(base, segment);
    const found = candidatesFor(filter, segment);
    const extent = extentOf(base, scope, ENTRY_KINDS.filter((kind) => hasKind(kinds, kind)), segment);
    const byIndex = found !== undefined && found.estimate < extent.to - extent.from;
    const candidates = byIndex ? found.entries() : listed(extent);
    const probe = found?.probe;
    const seen = byIndex && found.repeats ? new Set<number>() : undefined;
    for (const number of candidates) {
      if (!hasBit(alive, number) || seen?.has(number)) continue;
      seen?.add(number);
      const kind = segment.kindOf(number);
      if (!hasKind(kinds, kind) || !isInScope(depth(number), scope) || probe?.(number) === false) {
        yield undefined;
        continue;
      }
      const entry = this.entry(segment, number, kind);
      yield entry !== undefined && evaluate(filter, entry) === true ? entry : undefined;
    }
  }

  private entryAt({ kind, key }: Place): Entry | undefined {
    const found = this.tree.find(kind, key);
    return found && this.entry(found.layer.segment, found.entry, kind);
  }

  /** The entry, where this reader may see it. */
  private entry(segment: Segment, number: number, kind: EntryKind): Entry | undefined {
    if (kind === 'root') return new Entry(kind, segment.record(number), this.tree, NO_TYPES);
    const level = this.levelOf(segment, number);
    if (!isVisible(kind, level, segment.isShown(number))) return undefined;
    return new Entry(kind, segment.record(number), this.tree, level === 3 ? NO_TYPES : INTERNAL);
  }

  private levelOf(segment: Segment, number: number): number {
    const organisation = segment.parts.organisationOf[number] ?? NONE;
    let levels = this.levels.get(segment);
    if (levels === undefined) {
      levels = Uint8Array.from(segment.parts.organisations, (key) => LEVELS.indexOf(this.visibility.levelOf(key, this.tree)));
      this.levels.set(segment, levels);
    }
    return levels[organisation] ?? 0;
  }
}

function isVisible(kind: EntryKind, level: number, shown: boolean): boolean {
  if (level === 3) return true;
  if (level === 0) return false;
  return STRUCTURE.includes(kind) || (shown && (level === 2 || kind === 'service'));
}

const isInScope = (depth: 0 | 1 | 2 | -1, scope: Scope): boolean => depth >= 0 && (scope === 'sub' || (scope === 'base' ? depth === 0 : depth === 1));

function* listed({ list, from, to }: Extent): Generator<number> {
  if (list === undefined) for (let number = from; number < to; number++) yield number;
  else for (let i = from; i < to; i++) yield list[i] ?? 0;
}

/** Whether the entry's record says that it belongs to `parent`. */
function isChild({ kind, record }: Entry, parent: Place): boolean {
  const { organisation, site } = record as { organisation?: string; site?: string };
  return kind === 'device' ? site === parent.key : kind === 'organisation' || organisation === parent.key;
}

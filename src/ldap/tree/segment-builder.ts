import { GrowingUint32 } from '../../directory/live/search/growing';
import { PackedStrings } from '../../directory/live/search/packed-strings';
import type { AttributeType } from '../schema';
import { Entry } from './entry';
import { GROUP_NAMES, indexed, type IndexGroup, typesOf } from './index-groups';
import { bitSet, keySpace, NONE, type Ownership, Segment, setBit } from './segment';
import { ENTRY_KINDS, type EntryKind, shapeOf, type Surroundings } from './shapes';
import { TermIndexBuilder } from './term-index';
import { ValueIndexBuilder } from './value-index';

/** An entry to be put into a segment. */
export interface Addition {
  kind: EntryKind;
  record: unknown;
  packed: string;
  organisation?: string;
  site?: string;
  shown: boolean;
}

class Numbers {
  private readonly numbers = new Map<string, number>();

  of(key: string | undefined): number {
    if (key === undefined) return NONE;
    let number = this.numbers.get(key);
    if (number === undefined) this.numbers.set(key, number = this.numbers.size);
    return number;
  }

  get keys(): string[] {
    return [...this.numbers.keys()];
  }
}

/** Indexed types of each kind of entry, with their group and its number. */
const INDEXED = new Map(ENTRY_KINDS.map((kind) => [kind, GROUP_NAMES.flatMap((group, space) =>
  typesOf(group).filter((type) => shapeOf(kind).attributes.has(type)).map((type): { group: IndexGroup; space: number; type: AttributeType } => ({ group, space, type })))]));

const NOTHING_CONCEALED: ReadonlySet<AttributeType> = new Set();

/** Makes a segment of entries given in the order of ENTRY_KINDS. */
export class SegmentBuilder {
  private readonly records = new PackedStrings.Builder();
  private readonly organisationOf = new GrowingUint32();
  private readonly siteOf = new GrowingUint32();
  private readonly hidden = new GrowingUint32();
  private readonly organisations = new Numbers();
  private readonly sites = new Numbers();
  private readonly terms = Object.fromEntries(GROUP_NAMES.map((group) => [group, new TermIndexBuilder()])) as Record<IndexGroup, TermIndexBuilder>;
  private readonly values = new ValueIndexBuilder();
  private readonly counts = ENTRY_KINDS.map(() => 0);
  private size = 0;
  private readonly seen: string[] = [];

  constructor(private readonly around: Surroundings) {}

  add({ kind, record, packed, organisation, site, shown }: Addition): void {
    const number = this.size++;
    this.records.add(packed);
    this.organisationOf.push(this.organisations.of(organisation));
    this.siteOf.push(this.sites.of(site));
    if (!shown) this.hidden.push(number);
    const order = ENTRY_KINDS.indexOf(kind);
    this.counts[order] = (this.counts[order] ?? 0) + 1;
    this.values.add(keySpace(kind), shapeOf(kind).keyOf(record), number);
    const entry = new Entry(kind, record, this.around, NOTHING_CONCEALED);
    let at: IndexGroup | undefined;
    for (const { group, space, type } of INDEXED.get(kind) ?? []) {
      if (group !== at) this.seen.length = 0;
      at = group;
      entry.some(type, (value) => {
        const text = indexed(type, value);
        // Types of a group often have the same value.
        if (text === undefined || this.seen.includes(text)) return false;
        this.seen.push(text);
        this.terms[group].addValue(text);
        this.values.add(space, text, number);
        return false;
      });
    }
    for (const group of GROUP_NAMES) this.terms[group].endEntry();
  }

  /** A generator, so that the caller may let others run between the slices. */
  *build(): Generator<void, Segment> {
    const terms: Partial<Segment['parts']['terms']> = {};
    for (const group of GROUP_NAMES) Object.assign(terms, { [group]: yield* this.terms[group].build() });
    const kindStarts = [0];
    for (const count of this.counts) kindStarts.push((kindStarts.at(-1) ?? 0) + count);
    const shown = bitSet(this.size).fill(0xffffffff);
    const hidden = bitSet(this.size);
    for (let i = 0; i < this.hidden.length; i++) setBit(hidden, this.hidden.values[i] ?? 0);
    for (let i = 0; i < shown.length; i++) shown[i] = (shown[i] ?? 0) & ~(hidden[i] ?? 0);
    const [organisationOf, siteOf] = [this.organisationOf.trimmed(), this.siteOf.trimmed()];
    yield;
    const values = this.values.build();
    yield;
    return new Segment({
      kindStarts, records: this.records.build(), organisationOf, siteOf, shown, values, terms: terms as Segment['parts']['terms'],
      organisations: this.organisations.keys, sites: this.sites.keys,
      ofOrganisation: ownership(organisationOf, this.organisations.keys.length), ofSite: ownership(siteOf, this.sites.keys.length),
    }, this.around.suffix);
  }
}

function ownership(ownerOf: Uint32Array, owners: number): Ownership {
  const starts = new Uint32Array(owners + 1);
  for (const owner of ownerOf) if (owner !== NONE) starts[owner + 1] = (starts[owner + 1] ?? 0) + 1;
  for (let i = 0; i < owners; i++) starts[i + 1] = (starts[i + 1] ?? 0) + (starts[i] ?? 0);
  const entries = new Uint32Array(starts[owners] ?? 0);
  const next = starts.slice();
  for (const [entry, owner] of ownerOf.entries()) {
    if (owner === NONE) continue;
    const at = next[owner] ?? 0;
    entries[at] = entry;
    next[owner] = at + 1;
  }
  return { starts, entries };
}

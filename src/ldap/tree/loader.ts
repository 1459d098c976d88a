import type { Change, DirectoryDatabase, DirectoryStore, Organisation, Person, Service, Site } from '../../directory';
import { DirectoryReader } from '../../directory';
import { batches } from '../../directory/bulk';
import { inSlices } from '../../directory/live/slices';
import type { Kysely } from 'kysely';
import { packedRecords, readPacked, type StoredKind } from './records';
import { bitSet, type Segment } from './segment';
import { type Addition, SegmentBuilder } from './segment-builder';
import { type DeviceRecord, ENTRY_KINDS, type EntryKind, type Surroundings } from './shapes';
import { type Layer, Tree, without } from './tree';

/** Records read at a time. */
const PAGE = 2_000;
/** Entries in the layer that is built again at each change. */
const MAX_CHANGED = 1_024;

export interface TreeOptions {
  suffix: string;
  domain: string;
}

/** What the last layer is made of, by kind and key. */
type Changed = ReadonlyMap<string, Addition>;

export interface TreeState {
  tree: Tree;
  changed: Changed;
}

/**
 * Reads everything, page by page outside any transaction, so that calls never wait for a country to be read. What changes
 * meanwhile comes after the tree's revision and is brought in by `updateTree`.
 */
export async function loadTree(store: DirectoryStore, options: TreeOptions): Promise<TreeState> {
  const revision = await new DirectoryReader(store.db).revision();
  const organisationTexts = await all(store, 'organisation');
  const siteTexts = await all(store, 'site');
  const organisations = new Map(organisationTexts.map((packed) => readPacked('organisation', packed)).map((one) => [one.key, one]));
  const sites = new Map(siteTexts.map((packed) => readPacked('site', packed)).map((one) => [one.key, one]));
  const around = surroundings(options, organisations, sites);
  const builder = new SegmentBuilder(around);
  builder.add({ kind: 'root', record: { suffix: options.suffix }, packed: '', shown: true });
  const perOrganisation = organisationTexts.map((packed) => organisationAdditions(readPacked('organisation', packed), packed));
  for (const i of [0, 1, 2]) await inSlices(addAll(builder, perOrganisation.flatMap((additions) => additions[i] ?? [])));
  await inSlices(addAll(builder, siteTexts.map((packed) => recordAddition('site', packed, around))));
  for (const kind of ['device', 'service', 'person'] as const) {
    for await (const page of pages(store, kind)) await inSlices(addAll(builder, page, (packed) => recordAddition(kind, packed, around)));
  }
  const segment = await inSlices(builder.build());
  return { tree: new Tree(options.suffix, options.domain, revision, [layerOf(segment)], organisations, sites), changed: new Map() };
}

/** The state after `changes`, which end at `revision`. `db` reads one consistent state. */
export async function updateTree(db: Kysely<DirectoryDatabase>, { tree, changed }: TreeState, revision: number, changes: readonly Change[]): Promise<TreeState> {
  const keys = (kind: StoredKind): string[] => [...new Set(changes.filter((change) => change.kind === kind).map(({ key }) => key))];
  const read = async (kind: StoredKind): Promise<{ gone: string[]; packed: string[] }> => {
    const wanted = keys(kind);
    const packed: string[] = [];
    for (const part of batches(wanted)) packed.push(...await packedRecords(db, kind, { keys: part }));
    return { gone: wanted, packed };
  };
  const [organisation, site, device, service, person] = [await read('organisation'), await read('site'), await read('device'), await read('service'), await read('person')];
  const organisations = mapAfter(tree.organisationMap, organisation, (packed) => readPacked('organisation', packed));
  const sites = mapAfter(tree.siteMap, site, (packed) => readPacked('site', packed));
  const moved = site.gone.filter((key) => tree.site(key)?.organisation !== sites.get(key)?.organisation);
  for (const part of batches(moved)) {
    const packed = await packedRecords(db, 'device', { where: 'site', is: part });
    device.packed.push(...packed);
    device.gone.push(...packed.map((text) => readPacked('device', text).address));
  }

  const around = surroundings(tree, organisations, sites);
  const additions = [
    ...organisation.packed.flatMap((packed) => organisationAdditions(readPacked('organisation', packed), packed)),
    ...Object.entries({ site, device, service, person }).flatMap(([kind, { packed }]) => packed.map((text) => recordAddition(kind as StoredKind, text, around))),
  ];
  const gone = [
    ...organisation.gone.flatMap((key) => (['organisation', 'services', 'people'] as const).map((kind) => ({ kind: kind as EntryKind, key }))),
    ...Object.entries({ site, device, service, person }).flatMap(([kind, list]) => list.gone.map((key) => ({ kind: kind as EntryKind, key }))),
  ];
  const next = new Map(changed);
  for (const { kind, key } of gone) next.delete(`${kind} ${key}`);
  for (const addition of additions) next.set(`${addition.kind} ${keyOf(addition)}`, addition);

  // The last layer is what `changed` holds, if that holds anything; it is replaced.
  const stable = (changed.size > 0 ? tree.layers.slice(0, -1) : tree.layers).map((layer) => without(layer, gone));
  const layers = next.size === 0 ? stable : [...stable, layerOf(await segmentOf(next.values(), around))];
  return {
    tree: new Tree(tree.suffix, tree.domain, revision, layers, organisations, sites),
    changed: next.size > MAX_CHANGED ? new Map() : next,
  };
}

const layerOf = (segment: Segment): Layer => ({ segment, alive: bitSet(segment.size).fill(0xffffffff) });

const surroundings = ({ suffix, domain }: TreeOptions, organisations: ReadonlyMap<string, Organisation>, sites: ReadonlyMap<string, Site>): Surroundings =>
  ({ suffix, domain, organisation: (key) => organisations.get(key), site: (key) => sites.get(key) });

function organisationAdditions(record: Organisation, packed: string): [Addition, Addition, Addition] {
  const { key } = record;
  const unit = (kind: 'services' | 'people'): Addition => ({ kind, record: { organisation: key }, packed: key, organisation: key, shown: true });
  return [{ kind: 'organisation', record, packed, organisation: key, shown: true }, unit('services'), unit('people')];
}

function recordAddition(kind: StoredKind, packed: string, around: Surroundings): Addition {
  const record = readPacked(kind, packed);
  switch (kind) {
    case 'device': {
      const { site, enabled } = record as DeviceRecord;
      return { kind, record, packed, organisation: around.site(site)?.organisation, site, shown: enabled };
    }
    case 'service': {
      const { organisation, enabled, hidden } = record as Service;
      return { kind, record, packed, organisation, shown: enabled && hidden !== true };
    }
    case 'person': {
      const { organisation, enabled } = record as Person;
      return { kind, record, packed, organisation, shown: enabled };
    }
    case 'site': {
      const { organisation, key } = record as Site;
      return { kind, record, packed, organisation, site: key, shown: true };
    }
    case 'organisation':
      return organisationAdditions(record as Organisation, packed)[0];
  }
}

const keyOf = ({ record }: Addition): string => {
  const { address, key, organisation } = record as { address?: string; key?: string; organisation?: string };
  return address ?? key ?? organisation ?? '';
};

async function segmentOf(additions: Iterable<Addition>, around: Surroundings): Promise<Segment> {
  const builder = new SegmentBuilder(around);
  const sorted = [...additions].sort((a, b) => ENTRY_KINDS.indexOf(a.kind) - ENTRY_KINDS.indexOf(b.kind));
  await inSlices(addAll(builder, sorted));
  return inSlices(builder.build());
}

function mapAfter<T extends { key: string }>(before: ReadonlyMap<string, T>, { gone, packed }: { gone: readonly string[]; packed: readonly string[] }, read: (packed: string) => T): ReadonlyMap<string, T> {
  if (gone.length === 0) return before;
  const after = new Map(before);
  for (const key of gone) after.delete(key);
  for (const record of packed.map(read)) after.set(record.key, record);
  return after;
}

async function* pages(store: DirectoryStore, kind: StoredKind): AsyncGenerator<string[]> {
  const page = (after: string): Promise<string[]> => packedRecords(store.db, kind, { after, limit: PAGE });
  for (let texts = await page(''); texts.length > 0;) {
    // The key is the first element of a packed record. The next page is read while this one is worked on.
    const [last] = JSON.parse(texts.at(-1) as string) as [string];
    const next = texts.length < PAGE ? Promise.resolve([]) : page(last);
    yield texts;
    texts = await next;
  }
}

async function all(store: DirectoryStore, kind: StoredKind): Promise<string[]> {
  const texts: string[] = [];
  for await (const page of pages(store, kind)) texts.push(...page);
  return texts;
}

function addAll(builder: SegmentBuilder, additions: readonly Addition[]): Generator<void, void>;
function addAll<T>(builder: SegmentBuilder, items: readonly T[], additionOf: (item: T) => Addition): Generator<void, void>;
function* addAll<T>(builder: SegmentBuilder, items: readonly T[], additionOf = (item: T): Addition => item as unknown as Addition): Generator<void, void> {
  for (const [i, item] of items.entries()) {
    builder.add(additionOf(item));
    if (i % 128 === 127) yield;
  }
}

import type { Organisation, Site } from '../../directory';
import type { Segment } from './segment';
import { clearBit, hasBit } from './segment';
import type { EntryKind, Surroundings } from './shapes';

/** A segment with those of its entries that still stand. */
export interface Layer {
  segment: Segment;
  alive: Uint32Array;
}

/** One state of the directory as entries. Never changes: a search goes on over the state in which it began. */
export class Tree implements Surroundings {
  constructor(
    readonly suffix: string,
    readonly domain: string,
    /** Number of the last change that is in it. */
    readonly revision: number,
    /** The large one, and the one of what changed since. */
    readonly layers: readonly Layer[],
    readonly organisationMap: ReadonlyMap<string, Organisation>,
    readonly siteMap: ReadonlyMap<string, Site>,
  ) {}

  organisation(key: string): Organisation | undefined {
    return this.organisationMap.get(key);
  }

  site(key: string): Site | undefined {
    return this.siteMap.get(key);
  }

  find(kind: EntryKind, key: string): { layer: Layer; entry: number } | undefined {
    for (const layer of this.layers) {
      const entry = layer.segment.find(kind, key);
      if (entry >= 0 && hasBit(layer.alive, entry)) return { layer, entry };
    }
    return undefined;
  }
}

/** The layer without these entries. */
export function without({ segment, alive }: Layer, entries: Iterable<{ kind: EntryKind; key: string }>): Layer {
  const left = alive.slice();
  for (const { kind, key } of entries) {
    const entry = segment.find(kind, key);
    if (entry >= 0) clearBit(left, entry);
  }
  return { segment, alive: left };
}

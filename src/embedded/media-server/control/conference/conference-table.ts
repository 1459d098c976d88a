import type { Control } from '../control';
import { Conference, type ConferenceSettings } from './conference';

const MAXIMUM_CONFERENCES = 2_000;

/** All conferences by name, and the numbers of their members, which are counted across all of them. */
export class ConferenceTable {
  private readonly byName = new Map<string, Conference>();
  private lastMemberId = 0;

  constructor(private readonly control: Control) {}

  get size(): number {
    return this.byName.size;
  }

  [Symbol.iterator](): IterableIterator<Conference> {
    return this.byName.values();
  }

  find(name: string): Conference | undefined {
    return this.byName.get(name);
  }

  nextMemberId(): number {
    return ++this.lastMemberId;
  }

  /** Undefined when there are too many. */
  create(settings: ConferenceSettings): Conference | undefined {
    if (this.byName.size >= MAXIMUM_CONFERENCES) return undefined;
    const conference = new Conference(this.control, settings, () => this.byName.delete(settings.name));
    this.byName.set(settings.name, conference);
    return conference;
  }
}

import type { EventFormat, ServerEvent } from '../event';

const PREFIX = 'SWITCH_EVENT_';
/** Bounds of what one connection may ask for. */
const MAXIMUM_NAMES = 512;
const MAXIMUM_FILTERS = 512;

interface Filter {
  header: string;
  value: string;
  /** A value that begins with `-` keeps events out. */
  keepsOut: boolean;
}

/** Which events a connection wants, in what form: `event`, `nixevent`, `myevents`, `filter`. */
export class Subscription {
  format: EventFormat = 'plain';
  private all = false;
  private readonly names = new Set<string>();
  private readonly subclasses = new Set<string>();
  private filters: Filter[] = [];
  /** The channel whose events come whatever was asked for. */
  private ownChannel: string | undefined;

  get isEmpty(): boolean {
    return !this.all && this.names.size === 0 && this.ownChannel === undefined;
  }

  /** The only channel whose events are let through, its Unique-ID in lower case; undefined: there may be others. */
  get onlyChannel(): string | undefined {
    const [filter, ...more] = this.filters;
    return more.length === 0 && this.ownChannel === undefined && filter?.header === 'Unique-ID' && !filter.keepsOut ? filter.value : undefined;
  }

  wants(name: string, subclass: string | undefined): boolean {
    if (this.all || this.ownChannel !== undefined) return true;
    if (name !== 'CUSTOM') return this.names.has(name);
    return this.names.has('CUSTOM') && (this.subclasses.size === 0 || subclass === undefined || this.subclasses.has(subclass));
  }

  /** Whether the filters let an event through: one that fits is enough, unless one that keeps out fits. */
  passes(event: ServerEvent): boolean {
    if (this.ownChannel !== undefined && event.get('Unique-ID') === this.ownChannel) return true;
    if (this.ownChannel !== undefined && !this.all && !this.names.has(event.get('Event-Name') ?? '')) return false;
    if (this.filters.length === 0) return true;
    let passes = false;
    for (const { header, value, keepsOut } of this.filters) {
      if ((passes && !keepsOut) || event.get(header)?.toLowerCase() !== value) continue;
      if (keepsOut) return false;
      passes = true;
    }
    return passes;
  }

  /** Adds names as `event` lists them; after CUSTOM come subclasses. False when there are none, or too many. */
  add(names: readonly string[]): boolean {
    if (names.length === 0 || this.names.size + names.length > MAXIMUM_NAMES) return false;
    let custom = false;
    for (const word of names) {
      const name = nameOf(word);
      if (name === 'ALL') this.all = true;
      else if (name === 'CUSTOM') custom = true;
      if (custom && name !== 'CUSTOM') this.subclasses.add(word);
      // drachtio-modesl puts events of its own behind the subclasses: they are understood there too.
      this.names.add(name);
    }
    return true;
  }

  remove(names: readonly string[]): boolean {
    for (const word of names) {
      const name = nameOf(word);
      if (name === 'ALL') this.clear();
      this.names.delete(name);
      this.subclasses.delete(word);
    }
    return names.length > 0;
  }

  clear(): void {
    this.all = false;
    this.names.clear();
    this.subclasses.clear();
    this.ownChannel = undefined;
  }

  follow(channel: string): void {
    this.ownChannel = channel;
  }

  addFilter(header: string, text: string): boolean {
    if (this.filters.length >= MAXIMUM_FILTERS) return false;
    const value = text.replace(/^[+-]\s*/, '').toLowerCase();
    this.filters.push({ header, value, keepsOut: text.startsWith('-') });
    return true;
  }

  /** Without `value` every filter of the header; `all` every filter. */
  removeFilter(header: string, value: string): void {
    this.filters = header === 'all' ? [] : this.filters.filter((filter) => filter.header !== header || (value !== '' && filter.value !== value.toLowerCase()));
  }
}

const nameOf = (word: string): string => {
  const name = word.toUpperCase();
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
};

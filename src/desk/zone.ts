import { EtasiltaError } from '../errors';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Zones change their offset at whole quarters of an hour of UTC; one offset is kept for each. */
const QUARTER = 15 * MINUTE;
const KEPT_OFFSETS = 2_000;
/** No zone is farther than this from UTC. */
const FAR = 15 * 60 * MINUTE;

/** Wall-clock time: days since 1970-01-01 on the local calendar and minutes since local midnight. */
export interface WallTime {
  day: number;
  minutes: number;
}

/** One IANA time zone: instants to wall-clock time and back, over changes to and from summer time. */
export class Zone {
  private readonly format: Intl.DateTimeFormat;
  private readonly offsets = new Map<number, number>();

  /** @throws EtasiltaError `time-zone` when the zone is unknown */
  constructor(readonly name: string) {
    try {
      this.format = new Intl.DateTimeFormat('en-US', {
        timeZone: name, hourCycle: 'h23', calendar: 'gregory', numberingSystem: 'latn',
        year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
      });
    } catch (cause) {
      throw new EtasiltaError('time-zone', `'${name}' is not a time zone`, { cause, hint: 'use an IANA name such as Europe/Helsinki' });
    }
  }

  wall(instant: number): WallTime {
    const local = instant + this.offset(instant);
    const day = Math.floor(local / DAY);
    return { day, minutes: Math.floor((local - day * DAY) / MINUTE) };
  }

  /**
   * The instant of a wall-clock time; `minutes` may pass midnight. A time that happens twice is the `first` or the `last` of
   * both; one that is skipped is the instant of the change.
   */
  instant({ day, minutes }: WallTime, which: 'first' | 'last'): number {
    const local = day * DAY + minutes * MINUTE;
    const before = this.offset(local - FAR);
    const after = this.offset(local + FAR);
    const fits = [local - before, local - after].filter((instant) => instant + this.offset(instant) === local);
    if (fits.length > 0) return which === 'first' ? Math.min(...fits) : Math.max(...fits);
    let low = local - Math.max(before, after);
    let high = local - Math.min(before, after);
    while (high - low > MINUTE) {
      const middle = low + Math.floor((high - low) / 2 / MINUTE) * MINUTE;
      if (this.offset(middle) === after) high = middle;
      else low = middle;
    }
    return high;
  }

  /** Local time minus UTC, milliseconds. */
  private offset(instant: number): number {
    const quarter = Math.floor(instant / QUARTER);
    const kept = this.offsets.get(quarter);
    if (kept !== undefined) return kept;
    const at = quarter * QUARTER;
    const parts: Record<string, number> = {};
    for (const { type, value } of this.format.formatToParts(at)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    const offset = Date.UTC(year, month - 1, day, hour, minute, second) - at;
    if (this.offsets.size >= KEPT_OFFSETS) this.offsets.clear();
    this.offsets.set(quarter, offset);
    return offset;
  }
}

const KEPT_ZONES = 100;
const zones = new Map<string, Zone>();

/** The zone of that name, kept for the next time. */
export function zoneOf(name: string): Zone {
  let zone = zones.get(name);
  if (zone === undefined) {
    zone = new Zone(name);
    if (zones.size >= KEPT_ZONES) zones.clear();
    zones.set(name, zone);
  }
  return zone;
}

/** ISO weekday of a local day, 1 = Monday .. 7 = Sunday (1970-01-01 was a Thursday). */
export const weekdayOf = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1;

/** Year, month (1 to 12) and day of the month of a local day. */
export function civilOf(day: number): [year: number, month: number, date: number] {
  const midnight = new Date(day * DAY);
  return [midnight.getUTCFullYear(), midnight.getUTCMonth() + 1, midnight.getUTCDate()];
}

/** `YYYY-MM-DD` of a local day. */
export const dateOf = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10);

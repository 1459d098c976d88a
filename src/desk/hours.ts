import type { LocalizedText, OpeningHours } from '../directory/model';
import { EtasiltaError } from '../errors';
import { dateOf, weekdayOf, zoneOf, type Zone } from './zone';

export const DEFAULT_ZONE = 'Europe/Helsinki';
const DAY_MINUTES = 24 * 60;
/** How far ahead an opening is looked for: a yearly one is still found. */
const HORIZON_DAYS = 400;
/** Hours that join up for longer than this have no closing time worth telling. */
const CHAIN_DAYS = 8;

/** Whether a service is open at an instant, why, and until when or when next. */
export interface HoursDecision {
  open: boolean;
  /**
   * Open: `always` (no hours given), `weekly`, `exception` (the date's own hours). Closed: `outside-hours` (the day has other
   * hours), `closed-day` (the weekday has none), `exception` (the date has its own, or none).
   */
  reason: 'always' | 'weekly' | 'exception' | 'outside-hours' | 'closed-day';
  /** Why the date is an exception. */
  note?: LocalizedText;
  /** Open: when it closes; undefined: not within days. */
  until?: Date;
  /** Closed: when it opens next; undefined: not within a year. */
  opensAt?: Date;
  /** IANA zone that the hours are in. */
  timezone: string;
}

interface Range {
  open: number;
  /** Minutes since the midnight that the opening day began with; more than a day for hours over midnight. */
  close: number;
}

interface Compiled {
  zone: Zone;
  weekly: Range[][];
  exceptions: Map<string, { ranges: Range[]; note?: LocalizedText }>;
  /** The last decision and how long it holds: every call of a busy service asks the same. */
  last?: { from: number; to: number; decision: HoursDecision };
}

interface Interval {
  start: number;
  end: number;
  exception: boolean;
  note?: LocalizedText;
}

const compiled = new WeakMap<OpeningHours, Compiled>();

/**
 * Decides by weekly hours and exceptions. Times are local wall-clock: over a change to or from summer time, hours end when the
 * clock shows their end for the last time. `close` not after `open` means the next day. Hours belong to the date on which they
 * open: those of the evening before an exception run to their end.
 * @throws EtasiltaError `opening-hours`, `time-zone` when the hours are none
 */
export function openAt(hours: OpeningHours | undefined, at: Date): HoursDecision {
  if (hours === undefined) return { open: true, reason: 'always', timezone: DEFAULT_ZONE };
  let rules = compiled.get(hours);
  if (rules === undefined) compiled.set(hours, (rules = compile(hours)));
  const now = at.getTime();
  if (rules.last === undefined || now < rules.last.from || now >= rules.last.to) rules.last = decide(rules, now);
  return rules.last.decision;
}

function decide(rules: Compiled, now: number): { from: number; to: number; decision: HoursDecision } {
  const timezone = rules.zone.name;
  const today = rules.zone.wall(now).day;
  const current = [...intervalsOf(rules, today - 1), ...intervalsOf(rules, today)].find(({ start, end }) => start <= now && now < end);
  if (current !== undefined) {
    const until = closing(rules, current, today);
    const reason = current.exception ? 'exception' : 'weekly';
    return { from: now, to: current.end, decision: { open: true, reason, timezone, ...noted(current.note), ...(until && { until }) } };
  }
  const exception = rules.exceptions.get(dateOf(today));
  const reason = exception ? 'exception' : (rules.weekly[weekdayOf(today)] ?? []).length > 0 ? 'outside-hours' : 'closed-day';
  const opensAt = nextOpening(rules, now, today);
  const midnight = rules.zone.instant({ day: today + 1, minutes: 0 }, 'first');
  return {
    from: now, to: Math.min(midnight, opensAt?.getTime() ?? Infinity),
    decision: { open: false, reason, timezone, ...noted(exception?.note), ...(opensAt && { opensAt }) },
  };
}

const noted = (note: LocalizedText | undefined) => (note === undefined ? {} : { note });

/** When an interval ends, hours that begin as it ends included. */
function closing(rules: Compiled, current: Interval, today: number): Date | undefined {
  let { end } = current;
  for (let day = today; day <= today + CHAIN_DAYS; day++) {
    for (const next of intervalsOf(rules, day)) if (next.start <= end && next.end > end) end = next.end;
  }
  return rules.zone.wall(end).day > today + CHAIN_DAYS - 1 ? undefined : new Date(end);
}

function nextOpening(rules: Compiled, now: number, today: number): Date | undefined {
  for (let day = today; day <= today + HORIZON_DAYS; day++) {
    const starts = intervalsOf(rules, day).map(({ start }) => start).filter((start) => start > now);
    if (starts.length > 0) return new Date(Math.min(...starts));
  }
  return undefined;
}

/** The intervals that open on a local day. */
function intervalsOf({ zone, weekly, exceptions }: Compiled, day: number): Interval[] {
  const exception = exceptions.size === 0 ? undefined : exceptions.get(dateOf(day));
  const ranges = exception?.ranges ?? weekly[weekdayOf(day)] ?? [];
  return ranges
    .map(({ open, close }) => ({
      start: zone.instant({ day, minutes: open }, 'first'), end: zone.instant({ day, minutes: close }, 'last'),
      exception: exception !== undefined, ...noted(exception?.note),
    }))
    .filter(({ start, end }) => start < end);
}

function compile(hours: OpeningHours): Compiled {
  const weekly: Range[][] = Array.from({ length: 8 }, () => []);
  for (const { days, open, close } of hours.weekly) for (const day of days) weekly[day]?.push(range(open, close));
  const exceptions: Compiled['exceptions'] = new Map();
  for (const { date, hours: own = [], reason } of hours.exceptions ?? []) {
    const ranges = own.map(({ open, close }) => range(open, close));
    exceptions.set(date, { ranges: [...(exceptions.get(date)?.ranges ?? []), ...ranges], ...noted(reason) });
  }
  return { zone: zoneOf(hours.timezone ?? DEFAULT_ZONE), weekly, exceptions };
}

function range(open: string, close: string): Range {
  const from = minutesOf(open);
  const to = minutesOf(close);
  return { open: from, close: to > from ? to : to + DAY_MINUTES };
}

function minutesOf(time: string): number {
  const match = /^(\d{2}):(\d{2})$/.exec(time);
  const minutes = match === null ? NaN : Number(match[1]) * 60 + Number(match[2]);
  if (!(minutes <= DAY_MINUTES) || Number(match?.[2]) > 59) {
    throw new EtasiltaError('opening-hours', `'${time}' is not a time of day`, { hint: 'write HH:mm, from 00:00 to 24:00' });
  }
  return minutes;
}

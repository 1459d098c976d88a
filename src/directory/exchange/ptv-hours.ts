import type { OpeningHours } from '../model';

/** `serviceHours` of a channel or a connection of the service catalogue (PTV v11), as far as they are read. */
export interface PtvHours {
  serviceHourType?: unknown;
  validFrom?: unknown;
  validTo?: unknown;
  isClosed?: unknown;
  openingHour?: unknown;
}

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const WEEKLY = new Set(['DaysOfTheWeek', 'Standard']);
const EXCEPTIONAL = new Set(['Exceptional', 'Exception']);
const OVER_MIDNIGHT = new Set(['OverMidnight', 'Special']);
const DAY_MS = 86_400_000;
/** An exception longer than this is a season, whose hours the catalogue gives as weekly ones of their own. */
const MAX_EXCEPTION_DAYS = 62;

type Report = (path: string, reason: string) => void;

/**
 * Opening hours as the directory has them, of those that hold on `today` or later; undefined where none are given. An entry that
 * cannot be read is reported and left out.
 */
export function readPtvHours(list: unknown, today: string, report: Report): OpeningHours | undefined {
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const hours: OpeningHours & { exceptions: NonNullable<OpeningHours['exceptions']> } = { weekly: [], exceptions: [] };
  let given = false;
  for (const [i, item] of (list as PtvHours[]).entries()) {
    const at = (path: string, reason: string): void => report(`[${i}]${path}`, reason);
    if (typeof item !== 'object' || item === null) {
      at('', 'is no mapping');
      continue;
    }
    const type = String(item.serviceHourType);
    const [from, to] = [dateOf(item.validFrom), dateOf(item.validTo)];
    if (WEEKLY.has(type) || OVER_MIDNIGHT.has(type)) {
      // Hours of another season.
      if ((to !== undefined && to < today) || (from !== undefined && from > today)) continue;
      given = true;
      hours.weekly.push(...readWeekly(item.openingHour, at));
    } else if (EXCEPTIONAL.has(type)) {
      if (from === undefined) at('.validFrom', 'is no date');
      else if ((to ?? from) >= today) hours.exceptions.push(...exceptions(from, to ?? from, item, at));
    } else {
      at('.serviceHourType', `"${type.slice(0, 40)}" is none of DaysOfTheWeek, OverMidnight, Exceptional`);
    }
  }
  if (!given && hours.exceptions.length === 0) return undefined;
  const found = byDate(hours.exceptions);
  return { weekly: hours.weekly, ...(found.length > 0 && { exceptions: found }) };
}

/** One exception a date, with the hours of all that were given for it. */
function byDate(exceptions: NonNullable<OpeningHours['exceptions']>): NonNullable<OpeningHours['exceptions']> {
  const dates = new Map<string, { open: string; close: string }[]>();
  for (const { date, hours = [] } of exceptions) dates.set(date, [...dates.get(date) ?? [], ...hours]);
  return [...dates].map(([date, hours]) => ({ date, ...(hours.length > 0 && { hours }) }));
}

function readWeekly(list: unknown, report: Report): OpeningHours['weekly'] {
  return spans(list, report).flatMap(({ from, to, open, close, path }) => {
    const [first, last] = [DAYS.indexOf(from ?? ''), to === undefined ? DAYS.indexOf(from ?? '') : DAYS.indexOf(to)];
    if (first < 0 || last < 0) {
      report(path, 'has no dayFrom and dayTo that are weekdays');
      return [];
    }
    const count = (last - first + 7) % 7 + 1;
    if (close > open) return [{ days: weekdays(first, count), open, close }];
    // Over midnight: until 24:00, and from 00:00 of the day after; from dayFrom to dayTo it is one long opening.
    if (count > 1) return [{ days: [first + 1], open, close: '24:00' }, ...between(first, count), { days: [last + 1], open: '00:00', close }].filter((one) => one.open !== one.close);
    return [{ days: [first + 1], open, close: '24:00' }, { days: weekdays(first + 1, 1), open: '00:00', close }].filter((one) => one.open !== one.close);
  });
}

const weekdays = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => (first + i) % 7 + 1).sort((a, b) => a - b);
const between = (first: number, count: number): OpeningHours['weekly'] => (count > 2 ? [{ days: weekdays(first + 1, count - 2), open: '00:00', close: '24:00' }] : []);

function exceptions(from: string, to: string, { isClosed, openingHour }: PtvHours, report: Report): NonNullable<OpeningHours['exceptions']> {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  if (!(days >= 1 && days <= MAX_EXCEPTION_DAYS)) {
    report('.validTo', `is not within ${MAX_EXCEPTION_DAYS} days after validFrom`);
    return [];
  }
  const open = isClosed === true ? [] : spans(openingHour, report).filter((span) => span.open < span.close).map((span) => ({ open: span.open, close: span.close }));
  return Array.from({ length: days }, (_, i) => ({ date: new Date(Date.parse(from) + i * DAY_MS).toISOString().slice(0, 10), ...(open.length > 0 && { hours: open }) }));
}

function spans(list: unknown, report: Report): { from?: string; to?: string; open: string; close: string; path: string }[] {
  return (Array.isArray(list) ? list as Record<string, unknown>[] : []).flatMap((item, i) => {
    const path = `.openingHour[${i}]`;
    const [open, close] = [timeOf(item?.from), timeOf(item?.to)];
    if (open === undefined || close === undefined) {
      report(path, 'has no from and to as HH:mm:ss');
      return [];
    }
    // The end of a day is written as 00:00 or 23:59.
    const end = close === '23:59' || (close === '00:00' && open !== '00:00') ? '24:00' : close;
    return [{ path, open, close: end, ...(typeof item.dayFrom === 'string' && { from: item.dayFrom }), ...(typeof item.dayTo === 'string' && { to: item.dayTo }) }];
  });
}

const timeOf = (value: unknown): string | undefined => (typeof value === 'string' && /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(value) ? value.slice(0, 5) : undefined);
const dateOf = (value: unknown): string | undefined => (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value) && !Number.isNaN(Date.parse(value.slice(0, 10))) ? value.slice(0, 10) : undefined);

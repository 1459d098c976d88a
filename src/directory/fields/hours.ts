import type { OpeningHours } from '../model';
import { formatHours, parseHours } from './hours-text';
import { localized } from './text';
import { below, type FieldType, quoted, readItems, readMapping, type Report } from './types';

const MAX_WEEKLY = 50;
const MAX_EXCEPTIONS = 1000;
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const reasonText = localized(200);

/** Opening hours; their text form is in `hours-text.ts`. */
export const hours: FieldType<OpeningHours> = {
  accepts: 'DAYS HH:mm-HH:mm; YYYY-MM-DD closed; ... [; IANA/Zone]',
  storage: 'json',
  read(value, report) {
    const fields = readMapping(value, ['timezone', 'weekly', 'exceptions'] as const, report);
    if (!fields) return undefined;
    const timezone = fields.timezone === undefined ? undefined : readZone(fields.timezone, below(report, 'timezone'));
    const weekly = readItems(fields.weekly ?? [], MAX_WEEKLY, below(report, 'weekly'))
      ?.map((item, i) => readWeekly(item, below(below(report, 'weekly'), i)));
    const exceptions = readItems(fields.exceptions ?? [], MAX_EXCEPTIONS, below(report, 'exceptions'))
      ?.map((item, i) => readException(item, below(below(report, 'exceptions'), i)));
    const dates = new Set<string>();
    exceptions?.forEach((exception, i) => {
      if (exception && dates.has(exception.date)) report(`.exceptions[${i}].date`, `${exception.date} is there twice`);
      if (exception) dates.add(exception.date);
    });
    return {
      ...(timezone !== undefined && { timezone }),
      weekly: weekly?.filter((entry) => entry !== undefined) ?? [],
      ...(exceptions?.length && { exceptions: exceptions.filter((entry) => entry !== undefined) }),
    };
  },
  format: formatHours,
  parse: parseHours,
};

function readWeekly(value: unknown, report: Report): OpeningHours['weekly'][number] | undefined {
  const fields = readMapping(value, ['days', 'open', 'close'] as const, report);
  if (!fields) return undefined;
  const days = readItems(fields.days ?? [], 7, below(report, 'days'))?.map(Number);
  if (days && (days.length === 0 || days.some((day) => !(Number.isInteger(day) && day >= 1 && day <= 7)))) {
    report('.days', 'is no list of weekdays, 1 (Monday) to 7 (Sunday)');
    return undefined;
  }
  const times = readTimes(fields, report);
  return days && times && { days: [...new Set(days)].sort((a, b) => a - b), ...times };
}

function readException(value: unknown, report: Report): NonNullable<OpeningHours['exceptions']>[number] | undefined {
  const fields = readMapping(value, ['date', 'hours', 'reason'] as const, report);
  if (!fields) return undefined;
  const date = readDate(fields.date ?? '', below(report, 'date'));
  const spans = readItems(fields.hours ?? [], 10, below(report, 'hours'))?.map((item, i) => {
    const at = below(below(report, 'hours'), i);
    const span = readMapping(item, ['open', 'close'] as const, at);
    return span && readTimes(span, at);
  });
  const reason = fields.reason === undefined ? undefined : reasonText.read(fields.reason, below(report, 'reason'));
  if (date === undefined || !spans || spans.includes(undefined)) return undefined;
  return {
    date,
    ...(spans.length > 0 && { hours: spans.filter((span) => span !== undefined) }),
    ...(reason !== undefined && { reason }),
  };
}

function readTimes(fields: { open?: unknown; close?: unknown }, report: Report): { open: string; close: string } | undefined {
  const open = readTime(fields.open, '23:59', below(report, 'open'));
  const close = readTime(fields.close, '24:00', below(report, 'close'));
  if (open === undefined || close === undefined) return undefined;
  if (open < close) return { open, close };
  report('.close', `${close} is not after ${open}; hours over midnight are two entries, up to 24:00 and from 00:00`);
  return undefined;
}

function readTime(value: unknown, last: '23:59' | '24:00', report: Report): string | undefined {
  const text = typeof value === 'string' ? value.trim().replace(/^\d:/, '0$&') : '';
  if (TIME.test(text) || (text === '24:00' && last === '24:00')) return text;
  report('', value === undefined ? 'is missing' : `${quoted(value)} is not a time HH:mm from 00:00 to ${last}`);
  return undefined;
}

export function readDate(value: unknown, report: Report): string | undefined {
  const text = typeof value === 'string' ? value.trim() : '';
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  if (day && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)) return text;
  report('', `${quoted(value)} is no date YYYY-MM-DD`);
  return undefined;
}

/** Zones found good; their number is bounded by what the platform knows. */
const zones = new Set(['Europe/Helsinki']);

function readZone(value: unknown, report: Report): string | undefined {
  if (typeof value === 'string' && value.length <= 64) {
    const name = value.trim();
    if (zones.has(name)) return name;
    try {
      new Intl.DateTimeFormat('en', { timeZone: name });
      zones.add(name);
      return name;
    } catch {
      // Unknown to the platform: reported below.
    }
  }
  report('', `${quoted(value)} is no IANA time zone such as Europe/Helsinki`);
  return undefined;
}

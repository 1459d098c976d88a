import type { LocalizedText, OpeningHours } from '../model';
import { quoted, type Report } from './types';

/**
 * Opening hours as text, parts separated by `;`: `1-5 09:00-15:00` (weekdays 1 = Monday .. 7 = Sunday, as `1-5` or `1,3`),
 * `2026-12-24 closed`, `2026-12-31 09:00-12:00,13:00-15:00` each optionally with a reason by language
 * `(fi "Aatto" sv "Afton")`, and an IANA time zone unless it is Europe/Helsinki.
 */
export function formatHours({ timezone, weekly, exceptions = [] }: OpeningHours): string {
  return [
    ...weekly.map(({ days, open, close }) => `${formatDays(days)} ${open}-${close}`),
    ...exceptions.map(({ date, hours, reason }) =>
      `${date} ${hours?.map(({ open, close }) => `${open}-${close}`).join(',') ?? 'closed'}${reason ? ` (${formatReason(reason)})` : ''}`),
    ...(timezone === undefined ? [] : [timezone]),
    ...(weekly.length + exceptions.length === 0 ? ['closed'] : []),
  ].join('; ');
}

/** The reverse of `formatHours`, to the shape that the field type then reads. */
export function parseHours(text: string, report: Report): unknown {
  const parsed: { timezone?: string; weekly: unknown[]; exceptions: unknown[] } = { weekly: [], exceptions: [] };
  let good = true;
  for (const part of splitParts(text)) {
    const [, when, times, reason] = /^([\d,-]+)\s+(closed|[\d:,\s-]+?)\s*(?:\((.*)\))?$/s.exec(part) ?? [];
    const spans = times === undefined ? undefined : parseSpans(times);
    const words = reason === undefined ? undefined : parseReason(reason);
    if (when !== undefined && spans && /^\d{4}-/.test(when) && (reason === undefined || words)) {
      parsed.exceptions.push({ date: when, hours: spans, reason: words });
    } else if (when !== undefined && spans && spans.length > 0 && reason === undefined && parseDays(when)) {
      for (const span of spans) parsed.weekly.push({ days: parseDays(when), ...span });
    } else if (/^[A-Za-z]+(?:[/_+-]\w+)*$/.test(part) && part !== 'closed') {
      parsed.timezone = part;
    } else if (part !== 'closed') {
      report('', `${quoted(part)} is neither DAYS HH:mm-HH:mm, nor YYYY-MM-DD with hours or "closed", nor a time zone`);
      good = false;
    }
  }
  return good ? parsed : undefined;
}

/** Runs of three days or more as a range. */
function formatDays(days: readonly number[]): string {
  const runs: number[][] = [];
  for (const day of days) {
    const run = runs.at(-1);
    if (run?.at(-1) === day - 1) run.push(day);
    else runs.push([day]);
  }
  return runs.map((run) => (run.length > 2 ? `${run[0]}-${run.at(-1)}` : run.join(','))).join(',');
}

function parseDays(text: string): number[] | undefined {
  const days: number[] = [];
  for (const part of text.split(',')) {
    const [, from, to = from] = /^([1-7])(?:-([1-7]))?$/.exec(part) ?? [];
    if (from === undefined || Number(from) > Number(to)) return undefined;
    for (let day = Number(from); day <= Number(to); day++) days.push(day);
  }
  return days;
}

function parseSpans(text: string): { open: string; close: string }[] | undefined {
  if (text === 'closed') return [];
  const spans: { open: string; close: string }[] = [];
  for (const part of text.split(',')) {
    const [, open, close] = /^\s*(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})\s*$/.exec(part) ?? [];
    if (open === undefined || close === undefined) return undefined;
    spans.push({ open, close });
  }
  return spans;
}

const formatReason = (reason: LocalizedText): string =>
  Object.entries(reason).map(([language, words]) => `${language} ${JSON.stringify(words)}`).join(' ');

function parseReason(text: string): Record<string, string> | undefined {
  const reason: Record<string, string> = {};
  const rest = text.replace(/\s*([a-z]{2,3})\s+("(?:[^"\\]|\\.)*")/gy, (_, language: string, words: string) => {
    try {
      reason[language] = JSON.parse(words) as string;
      return '';
    } catch {
      return words;
    }
  });
  return rest.trim() === '' ? reason : undefined;
}

/** Splits at `;` outside of double quotes. */
const splitParts = (text: string): string[] =>
  (text.match(/(?:"(?:[^"\\]|\\.)*"|[^;"])+|"/g) ?? []).map((part) => part.trim()).filter((part) => part !== '');

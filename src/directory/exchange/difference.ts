import { describeRecord } from '../columns';
import { KIND_NAMES, type KindName } from '../errors';
import type { AnyKind, AnyRecord } from '../kind';

export interface Counts {
  added: number;
  changed: number;
  removed: number;
  unchanged: number;
}

export interface Difference {
  change: 'added' | 'changed' | 'removed';
  kind: KindName;
  key: string;
  /** Of a changed record: column, old and new text; undefined: no value. */
  fields?: { column: string; old?: string; new?: string }[];
}

/** Differences told in full; the rest is counted. */
const MAX_TOLD = 10_000;

/** What an import changes (or would change). */
export class DifferenceReport {
  readonly differences: Difference[] = [];
  readonly counts = Object.fromEntries(KIND_NAMES.map((kind) => [kind, { added: 0, changed: 0, removed: 0, unchanged: 0 }])) as Record<KindName, Counts>;
  /** Differences that are only counted. */
  untold = 0;
  /** Records that their source no longer has: since when (ms), and when they go (ms; absent: never, they were there before). */
  readonly missing: { kind: KindName; key: string; since: number; removedAfter?: number }[] = [];
  /** What became of records that their source no longer has: marked in this run, there again, removed, and kept as others refer to it. */
  readonly departures: Record<'missing' | 'returned' | 'removed' | 'kept', { kind: KindName; key: string }[]> = { missing: [], returned: [], removed: [], kept: [] };

  note(kind: AnyKind, key: string, before: AnyRecord | undefined, after: AnyRecord | undefined): void {
    const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
    this.counts[kind.name][change]++;
    if (this.differences.length >= MAX_TOLD) this.untold++;
    else this.differences.push({ change, kind: kind.name, key, ...(before && after && { fields: changedFields(kind, before, after) }) });
  }

  noteUnchanged(kind: AnyKind, count = 1): void {
    this.counts[kind.name].unchanged += count;
  }

  get total(): Counts {
    return Object.values(this.counts).reduce((sum, one) => ({
      added: sum.added + one.added, changed: sum.changed + one.changed, removed: sum.removed + one.removed, unchanged: sum.unchanged + one.unchanged,
    }));
  }
}

/** Whether two canonical values are equal: texts, numbers, flags, and lists and mappings of such. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
  const [before, after] = [a as AnyRecord, b as AnyRecord];
  let left = 0;
  for (const field in after) if (after[field] !== undefined) left++;
  for (const field in before) {
    if (before[field] === undefined) continue;
    if (!isSame(before[field], after[field])) return false;
    left--;
  }
  return left === 0;
}

function changedFields(kind: AnyKind, before: AnyRecord, after: AnyRecord): NonNullable<Difference['fields']> {
  const [old, current] = [describeRecord(kind, before), describeRecord(kind, after)];
  const fields = [...new Set([...old.keys(), ...current.keys()])]
    .filter((column) => old.get(column) !== current.get(column))
    .map((column) => ({ column, old: old.get(column), new: current.get(column) }));
  // Digests are not shown, so another password looks the same.
  const changed = JSON.stringify(before.credentials) !== JSON.stringify(after.credentials);
  if (changed && before.credentials && after.credentials && !fields.some(({ column }) => column === 'password')) {
    fields.push({ column: 'password', old: '(old)', new: '(new)' });
  }
  return fields;
}

/** `+ device ...`, `~ service ...` with its fields below, `- site ...`, and the counts as the last line. */
export function formatDifference(report: DifferenceReport): string {
  const sign = { added: '+', changed: '~', removed: '-' };
  const lines = report.differences.flatMap(({ change, kind, key, fields = [] }) => [
    `${sign[change]} ${kind} ${key}`,
    ...fields.map((field) => `    ${field.column}: ${field.old ?? '(none)'} -> ${field.new ?? '(none)'}`),
  ]);
  for (const { kind, key, since, removedAfter } of report.missing.slice(0, MAX_TOLD)) {
    lines.push(`? ${kind} ${key}: missing in the source since ${day(since)}, ${removedAfter === undefined ? 'kept' : `removed after ${day(removedAfter)}`}`);
  }
  if (report.untold > 0) lines.push(`... and ${report.untold} more`);
  return [...lines, formatCounts(report)].join('\n');
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export function formatCounts({ total: { added, changed, removed, unchanged } }: DifferenceReport): string {
  return `${added} added, ${changed} changed, ${removed} removed, ${unchanged} unchanged`;
}

/** Where a reader puts what is wrong: the path below the field ('' for the field itself) and the reason. */
export type Report = (path: string, reason: string) => void;

/**
 * A type of field: one place that says how a value is read from YAML or JSON, how it is written as text (a CSV cell,
 * `field=value` on the command line) and how it is stored.
 */
export interface FieldType<T> {
  /** What is accepted, for help and faults: "HH:mm", "true or false". */
  readonly accepts: string;
  /** How a column keeps it. */
  readonly storage: 'text' | 'integer' | 'flag' | 'json';
  /** The canonical value; undefined after reporting why there is none. `value` is neither null nor undefined. */
  read(value: unknown, report: Report): T | undefined;
  format(value: T): string;
  /** The value that `read` takes, from non-empty text. */
  parse(text: string, report: Report): unknown;
}

export const below = (report: Report, step: string | number): Report => (path, reason) =>
  report(`${typeof step === 'number' ? `[${step}]` : `.${step}`}${path}`, reason);

/** A short quotation of a wrong value for a fault. */
export function quoted(value: unknown): string {
  // A structure is not written out: what aliases of YAML make of it may be far larger than its source.
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'a mapping';
  const text = String(value);
  // eslint-disable-next-line no-control-regex
  return `"${(text.length > 60 ? `${text.slice(0, 57)}...` : text).replace(/[\x00-\x1f\x7f]/g, '?')}"`;
}

/** The entries of a mapping; reports anything else, and keys outside `known`. */
export function readMapping<K extends string>(value: unknown, known: readonly K[], report: Report): Partial<Record<K, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report('', `${quoted(value)} is no mapping with ${known.join(', ')}`);
    return undefined;
  }
  for (const key of Object.keys(value)) {
    if (!(known as readonly string[]).includes(key)) report(`.${key}`, `unknown; known are ${known.join(', ')}`);
  }
  return Object.fromEntries(Object.entries(value).filter(([key, entry]) => (known as readonly string[]).includes(key) && entry != null)) as Partial<Record<K, unknown>>;
}

/** The items of a list, at most `max`; reports anything else. */
export function readItems(value: unknown, max: number, report: Report): unknown[] | undefined {
  if (!Array.isArray(value)) {
    report('', `${quoted(value)} is no list`);
    return undefined;
  }
  if (value.length > max) {
    report('', `${value.length} items, at most ${max} are allowed`);
    return undefined;
  }
  return value;
}

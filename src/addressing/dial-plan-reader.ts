import { isAlias, isMap, isScalar, isSeq, type LineCounter, type Node } from 'yaml';

export interface DialPlanFault {
  file: string;
  line: number;
  /** Path of the key: `searchRules[2].target`. */
  key: string;
  reason: string;
}

/** One value of a file with the path and the line where it stands. */
export interface Place {
  node: Node | null | undefined;
  key: string;
  line: number;
}

/** Reads values of a YAML file by type; whatever is wrong goes to `faults` with file, line, key and reason. */
export class YamlReader {
  constructor(readonly file: string, private readonly lines: LineCounter, readonly faults: DialPlanFault[]) {}

  wrong(place: Place, reason: string): undefined {
    this.faults.push({ file: this.file, line: place.line, key: place.key, reason });
    return undefined;
  }

  place(node: Node | null | undefined, key: string, line: number): Place {
    const start = node?.range?.[0];
    return { node, key, line: start === undefined ? line : this.lines.linePos(start).line };
  }

  /** The values of a mapping by key; unknown keys are faults that name the known ones. */
  fields<K extends string>(place: Place, known: readonly K[]): Partial<Record<K, Place>> | undefined {
    const { node } = place;
    if (!isMap(node)) return this.wrong(place, `must be a mapping with the keys ${known.join(', ')}`);
    const fields: Partial<Record<K, Place>> = {};
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : '?';
      const at = this.place(key as Node, place.key === '' ? name : `${place.key}.${name}`, place.line);
      if (isAlias(value)) this.wrong(at, 'aliases (*) are not supported');
      else if (!known.includes(name as K)) this.wrong(at, `unknown key (known: ${known.join(', ')})`);
      else fields[name as K] = { ...this.place(value as Node | null, at.key, at.line) };
    }
    return fields;
  }

  /** The items of a list, at most `max`. */
  items(place: Place | undefined, max: number): Place[] {
    if (place === undefined || (isScalar(place.node) && place.node.value === null)) return [];
    const { node } = place;
    if (!isSeq(node)) return this.wrong(place, 'must be a list') ?? [];
    if (node.items.length > max) return this.wrong(place, `has ${node.items.length} items (at most ${max})`) ?? [];
    return node.items.map((item, i) => this.place(item as Node, `${place.key}[${i}]`, place.line));
  }

  text(place: Place, max: number): string | undefined {
    const value = scalar(place);
    if (typeof value !== 'string') return this.wrong(place, 'must be text (put it in quotes)');
    return value.length > max ? this.wrong(place, `has more than ${max} characters`) : value;
  }

  integer(place: Place, low: number, high: number): number | undefined {
    const value = scalar(place);
    return typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high
      ? value
      : this.wrong(place, `must be a whole number from ${low} to ${high}`);
  }

  boolean(place: Place): boolean | undefined {
    const value = scalar(place);
    return typeof value === 'boolean' ? value : this.wrong(place, 'must be true or false');
  }

  choice<T extends string>(place: Place, choices: readonly T[]): T | undefined {
    const value = scalar(place);
    return choices.includes(value as T) ? (value as T) : this.wrong(place, `must be one of ${choices.join(', ')}`);
  }
}

const scalar = ({ node }: Place): unknown => (isScalar(node) ? node.value : undefined);

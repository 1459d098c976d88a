import type { Dn } from '../dn';
import type { AttributeType } from '../schema';
import type { TypedFilter } from './typed-filter';

/** What a filter asks of an entry. */
export interface Matchable {
  /** Calls `visit` with each value of a type and the options of its description, until it returns true. */
  some(type: AttributeType, visit: (value: string, options: readonly string[]) => boolean): boolean;
  /** Types of which the entry has values. */
  types(): Iterable<AttributeType>;
  readonly parsedDn: Dn;
}

/** True, false, or undefined: neither can be told (RFC 4511 section 4.5.1.7). */
export function evaluate(filter: TypedFilter, entry: Matchable): boolean | undefined {
  switch (filter.type) {
    case 'and':
    case 'or': {
      const decisive = filter.type === 'or';
      let result: boolean | undefined = !decisive;
      for (const part of filter.filters) {
        const one = evaluate(part, entry);
        if (one === decisive) return decisive;
        if (one === undefined) result = undefined;
      }
      return result;
    }
    case 'not': {
      const inner = evaluate(filter.filter, entry);
      return inner === undefined ? undefined : !inner;
    }
    case 'undefined':
      return undefined;
    case 'present':
      return filter.types.some((type) => entry.some(type, (_, options) => hasAll(options, filter.options)));
    case 'assertion': {
      for (const type of filter.types) {
        if (entry.some(type, (value, options) => hasAll(options, filter.options) && filter.matches(value) === true)) return true;
      }
      return filter.dnAttributes && entry.parsedDn.some((rdn) => rdn.some(({ type, value }) => type !== undefined && filter.types.includes(type) && filter.matches(value) === true));
    }
  }
}

const hasAll = (options: readonly string[], wanted: readonly string[]): boolean => wanted.length === 0 || wanted.every((option) => options.includes(option));

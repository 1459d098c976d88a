import type { FormerAddress, FormerNumber } from '../model';
import { readDate } from './hours';
import { numericAlias, serviceAddress } from './text';
import { below, type FieldType, quoted, readItems, readMapping } from './types';

const MAX_FORMER = 200;

/** What a service was dialled by, each until a date. As text: `NAME until YYYY-MM-DD`, separated by `;`. */
const former = <F extends string>(field: F, type: FieldType<string>): FieldType<(Record<F, string> & { until: string })[]> => ({
  accepts: `${field.toUpperCase()} until YYYY-MM-DD, separated by ";"`,
  storage: 'json',

  read(value, report) {
    const items = readItems(value, MAX_FORMER, report);
    if (!items) return undefined;
    const read = items.flatMap((item, i) => {
      const at = below(report, i);
      const fields = readMapping(item, [field, 'until'], at) as Partial<Record<string, unknown>> | undefined;
      if (!fields) return [];
      const name = type.read(fields[field] ?? '', below(at, field));
      const until = readDate(fields.until ?? '', below(at, 'until'));
      return name === undefined || until === undefined ? [] : [{ [field]: name, until } as Record<F, string> & { until: string }];
    });
    for (const [i, { [field]: name }] of read.entries()) {
      if (read.findIndex((one) => one[field] === name) < i) report(`[${i}].${field}`, `${name as string} is there twice`);
    }
    return read;
  },

  format: (value) => value.map(({ [field]: name, until }) => `${name as string} until ${until}`).join('; '),

  parse(text, report) {
    const parts = text.split(';').map((part) => part.trim()).filter((part) => part !== '');
    const read = parts.map((part, i) => {
      const [, name, until] = /^(\S+)\s+until\s+(\S+)$/.exec(part) ?? [];
      if (name === undefined) report(`[${i}]`, `${quoted(part)} is not ${field.toUpperCase()} until YYYY-MM-DD`);
      return { [field]: name, until };
    });
    return read.some(({ until }) => until === undefined) ? undefined : read;
  },
});

export const formerAddresses: FieldType<FormerAddress[]> = former('address', serviceAddress);
export const formerNumbers: FieldType<FormerNumber[]> = former('number', numericAlias);

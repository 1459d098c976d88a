import type { FormerAddress } from '../model';
import { readDate } from './hours';
import { serviceAddress } from './text';
import { below, type FieldType, quoted, readItems, readMapping } from './types';

const MAX_ADDRESSES = 200;

/** Addresses that a service had, each until a date. As text: `ADDRESS until YYYY-MM-DD`, separated by `;`. */
export const formerAddresses: FieldType<FormerAddress[]> = {
  accepts: 'ADDRESS until YYYY-MM-DD, separated by ";"',
  storage: 'json',

  read(value, report) {
    const items = readItems(value, MAX_ADDRESSES, report);
    if (!items) return undefined;
    const read = items.flatMap((item, i): FormerAddress[] => {
      const at = below(report, i);
      const fields = readMapping(item, ['address', 'until'] as const, at);
      if (!fields) return [];
      const address = serviceAddress.read(fields.address ?? '', below(at, 'address'));
      const until = readDate(fields.until ?? '', below(at, 'until'));
      return address === undefined || until === undefined ? [] : [{ address, until }];
    });
    for (const [i, { address }] of read.entries()) {
      if (read.findIndex((one) => one.address === address) < i) report(`[${i}].address`, `${address} is there twice`);
    }
    return read;
  },

  format: (value) => value.map(({ address, until }) => `${address} until ${until}`).join('; '),

  parse(text, report) {
    const parts = text.split(';').map((part) => part.trim()).filter((part) => part !== '');
    const read = parts.map((part, i) => {
      const [, address, until] = /^(\S+)\s+until\s+(\S+)$/.exec(part) ?? [];
      if (address === undefined) report(`[${i}]`, `${quoted(part)} is not ADDRESS until YYYY-MM-DD`);
      return { address, until };
    });
    return read.some(({ address }) => address === undefined) ? undefined : read;
  },
};

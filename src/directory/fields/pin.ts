import { scrypt, scryptSync, timingSafeEqual } from 'node:crypto';
import type { FieldType } from './types';

const DIGITS = /^\d{4,12}$/;
const KEPT = /^scrypt:[0-9a-f]{64}$/;
const KEY_BYTES = 32;
/** One for all: a PIN of a few digits can be tried out whatever it is mixed with; the cost of each try is what helps. */
const SALT = 'etasilta room pin';
const COST = { N: 1 << 14, r: 8, p: 1 };

/** PIN of a meeting room: 4 to 12 digits, kept as its scrypt key (RFC 7914) only. The digits are never quoted in a fault. */
export const pin: FieldType<string> = {
  accepts: '4 to 12 digits',
  storage: 'text',
  read(value, report) {
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text === 'string' && KEPT.test(text)) return text;
    if (typeof text === 'string' && DIGITS.test(text)) return `scrypt:${scryptSync(text, SALT, KEY_BYTES, COST).toString('hex')}`;
    report('', 'is not 4 to 12 digits');
    return undefined;
  },
  format: (kept) => kept,
  parse: (text) => text,
};

/** True when the digits are those of the kept PIN. */
export function pinMatches(kept: string, digits: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    scrypt(digits, SALT, KEY_BYTES, COST, (error, key) => {
      if (error) reject(error);
      else resolve(timingSafeEqual(key, Buffer.from(kept.slice('scrypt:'.length), 'hex')));
    });
  });
}

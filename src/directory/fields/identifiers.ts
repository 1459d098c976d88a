import type { Organisation } from '../model';
import { type FieldType, quoted } from './types';

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2];
const ORGANISATION_ROOT = '1.2.246.10.';

/**
 * The check digit of the seven digits of a Y-tunnus: weights 7 9 10 5 8 4 2, the sum modulo 11; 0 gives 0, otherwise 11 less
 * the remainder; undefined for remainder 1, which is never issued.
 */
export function businessIdCheckDigit(digits: string): number | undefined {
  const remainder = WEIGHTS.reduce((sum, weight, i) => sum + weight * Number(digits[i]), 0) % 11;
  if (remainder === 1) return undefined;
  return remainder === 0 ? 0 : 11 - remainder;
}

/** Y-tunnus NNNNNNN-N with its check digit; the old form with six digits gets its leading zero. */
export const businessId: FieldType<string> = {
  accepts: 'a Y-tunnus NNNNNNN-N',
  storage: 'text',
  read(value, report) {
    const [, digits, check] = (typeof value === 'string' && /^(\d{6,7})-(\d)$/.exec(value.trim())) || [];
    if (digits === undefined) {
      report('', `${quoted(value)} is not a Y-tunnus NNNNNNN-N`);
      return undefined;
    }
    const padded = digits.padStart(7, '0');
    const right = businessIdCheckDigit(padded);
    if (right === Number(check)) return `${padded}-${check}`;
    report('', `${quoted(value)} has a wrong check digit${right === undefined ? '; no Y-tunnus begins so' : `, ${right} is right`}`);
    return undefined;
  },
  format: (value) => value,
  parse: (value) => value,
};

export const oid: FieldType<string> = {
  accepts: 'an object identifier such as 1.2.246.10.2048198',
  storage: 'text',
  read(value, report) {
    const text = typeof value === 'string' ? value.trim() : '';
    if (text.length <= 128 && /^[0-2](?:\.(?:0|[1-9]\d{0,17})){2,}$/.test(text)) return text;
    report('', `${quoted(value)} is no object identifier such as 1.2.246.10.2048198`);
    return undefined;
  },
  format: (value) => value,
  parse: (value) => value,
};

/** The OID that JHS 159 derives from a Y-tunnus: 1.2.246.10.<Y-tunnus without leading zeros and dash>. */
export const deriveOid = (businessIdentifier: string): string =>
  ORGANISATION_ROOT + businessIdentifier.replace('-', '').replace(/^0+/, '');

/** The organisation's OID: its own, or the one derived from its Y-tunnus. */
export const oidOf = (organisation: Organisation): string | undefined =>
  organisation.oid ?? (organisation.businessId === undefined ? undefined : deriveOid(organisation.businessId));

/** True where an OID in the organisations' arc belongs to another Y-tunnus. */
export function contradictsBusinessId(identifier: string, businessIdentifier: string): boolean {
  const own = deriveOid(businessIdentifier);
  return identifier.startsWith(ORGANISATION_ROOT) && identifier !== own && !identifier.startsWith(`${own}.`);
}

import { foldLetters } from '../../addressing';
import { attributeType, objectClass } from '../schema';
import { type Dn, escapeDnValue, parseDn } from '../dn';

/** Brings values that a rule calls equal to one spelling; undefined: the value breaks the rule's syntax. */
export type Normaliser = (value: string) => string | undefined;

/** Printable ASCII without a blank at its ends and without two in a row: nothing to prepare. */
const PLAIN = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/;
// Code points that RFC 4518 section 2.2 maps to nothing.
// eslint-disable-next-line no-control-regex, no-misleading-character-class
const IGNORED = /[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u06dd\u070f\u1806\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2063\u206a-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffc]/g;
const BLANKS = /[\s\u0085]+/gu;

/** RFC 4518 section 2.2 to 2.6 without the last step: blanks at the ends stay, as a substring's count. */
function prepared(value: string): string {
  return value.replace(IGNORED, '').normalize('NFKC').replace(BLANKS, ' ');
}

const ignoreCase = (value: string): string => (PLAIN.test(value) ? value.toLowerCase() : prepared(value).toLowerCase().replace(/ß/g, 'ss').normalize('NFKC'));
const exactCase = (value: string): string => (PLAIN.test(value) ? value : prepared(value));
// eslint-disable-next-line no-control-regex
const isIa5 = (value: string): boolean => /^[\x00-\x7f]*$/.test(value);
const trimmed = (value: string): string => (value.startsWith(' ') || value.endsWith(' ') ? value.trim() : value);
const filled = (value: string): string | undefined => (value === '' ? undefined : value);

const withoutBlanks = (value: string): string | undefined => (/^[0-9 ]+$/.test(value) ? value.replace(/ /g, '') : undefined);
/** PrintableString (RFC 4517 section 3.3.31); blanks and hyphens do not count. */
const telephone = (value: string): string | undefined => (/^[A-Za-z0-9'()+,./:? =-]+$/.test(value) ? value.replace(/[ -]/g, '').toLowerCase() : undefined);

function objectIdentifier(value: string): string | undefined {
  const known = objectClass(value) ?? attributeType(value);
  return known?.oid ?? (/^[0-2](\.[0-9]+)+$/.test(value) ? value : undefined);
}

function distinguishedName(value: string): string | undefined {
  const dn = parseDn(value);
  return dn && normaliseDn(dn);
}

/** One spelling for all spellings of a DN; undefined: it has a type that the schema does not know, or a value against its syntax. */
export function normaliseDn(dn: Dn): string | undefined {
  const rdns: string[] = [];
  for (const rdn of dn) {
    const avas: string[] = [];
    for (const { type, value } of rdn) {
      const normalised = type && normaliserOf(type.equality)?.(value);
      if (type === undefined || normalised === undefined) return undefined;
      avas.push(`${type.oid}=${escapeDnValue(normalised)}`);
    }
    rdns.push(avas.sort().join('+'));
  }
  return rdns.join(',');
}

const NORMALISERS: Readonly<Record<string, Normaliser>> = {
  caseIgnoreMatch: (value) => filled(trimmed(ignoreCase(value))),
  caseExactMatch: (value) => filled(trimmed(exactCase(value))),
  caseIgnoreIA5Match: (value) => (isIa5(value) ? trimmed(ignoreCase(value)) : undefined),
  caseExactIA5Match: (value) => (isIa5(value) ? trimmed(exactCase(value)) : undefined),
  numericStringMatch: withoutBlanks,
  telephoneNumberMatch: telephone,
  booleanMatch: (value) => (value === 'TRUE' || value === 'FALSE' ? value : undefined),
  integerMatch: (value) => (/^(?:0|-?[1-9][0-9]{0,18})$/.test(value) ? value : undefined),
  objectIdentifierMatch: objectIdentifier,
  objectIdentifierFirstComponentMatch: (value) => (/^\(/.test(value) ? /[0-2](?:\.[0-9]+)+/.exec(value)?.[0] : objectIdentifier(value)),
  distinguishedNameMatch: distinguishedName,
  octetStringMatch: (value) => value,
  uuidMatch: (value) => (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value) ? value.toLowerCase() : undefined),
};
const ORDERINGS: Readonly<Record<string, string>> = {
  caseIgnoreOrderingMatch: 'caseIgnoreMatch', caseExactOrderingMatch: 'caseExactMatch', numericStringOrderingMatch: 'numericStringMatch',
  integerOrderingMatch: 'integerMatch', octetStringOrderingMatch: 'octetStringMatch',
};

/** How values are compared by a rule for equality or order (its name). */
export const normaliserOf = (rule: string | undefined): Normaliser | undefined => (rule === undefined ? undefined : NORMALISERS[ORDERINGS[rule] ?? rule]);

/** Less than, equal, greater: of normalised values. */
export function compareBy(rule: string): (a: string, b: string) => number {
  if (rule === 'integerOrderingMatch' || rule === 'integerMatch') {
    return (a, b) => {
      const difference = BigInt(a) - BigInt(b);
      return difference < 0n ? -1 : difference > 0n ? 1 : 0;
    };
  }
  return (a, b) => (a < b ? -1 : a > b ? 1 : 0);
}

type Place = 'initial' | 'any' | 'final';

/**
 * RFC 4518 section 2.6.1: a value begins and ends with one blank, and so do the parts of a pattern that stand there; so a
 * blank in a pattern also matches where a value begins or ends.
 */
const textParts = (prepare: (value: string) => string, equality: string): SubstringRule => ({
  part(value, place) {
    const text = prepare(value);
    return place === 'initial' ? ` ${text.trimStart()}` : place === 'final' ? `${text.trimEnd()} ` : text;
  },
  value(value) {
    const text = NORMALISERS[equality]?.(value);
    return text === undefined ? undefined : ` ${text} `;
  },
});

/** How parts of a substring assertion are prepared, and the values in which they are looked for. */
interface SubstringRule { part(value: string, place: Place): string | undefined; value: Normaliser }

const SUBSTRINGS: Readonly<Record<string, SubstringRule>> = {
  caseIgnoreSubstringsMatch: textParts(ignoreCase, 'caseIgnoreMatch'),
  caseExactSubstringsMatch: textParts(exactCase, 'caseExactMatch'),
  caseIgnoreIA5SubstringsMatch: textParts(ignoreCase, 'caseIgnoreIA5Match'),
  caseExactIA5SubstringsMatch: textParts(exactCase, 'caseExactIA5Match'),
  numericStringSubstringsMatch: { part: withoutBlanks, value: withoutBlanks },
  telephoneNumberSubstringsMatch: { part: telephone, value: telephone },
};

export const substringsOf = (rule: string | undefined): SubstringRule | undefined => (rule === undefined ? undefined : SUBSTRINGS[rule]);

/**
 * What approximate matching compares: letters without their marks and without case, so that `ahtari` finds Ähtäri, and
 * nothing but letters and digits (RFC 4511 section 4.5.1.7.6 leaves it to the server).
 */
export const approximate = (value: string): string => foldLetters(value).replace(/[^\p{L}\p{N}]+/gu, ' ').trim();


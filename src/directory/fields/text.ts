import { isFault, isLanguage, parseDeviceAddress, parseNumericAlias, parseServiceAddress, type AddressFault } from '../../addressing';
import type { Language, LocalizedText } from '../model';
import { below, type FieldType, quoted, readItems, type Report } from './types';

// eslint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\p{Cs}]/u;

/** Letters and marks of Latin-1, as most text is: nothing to compose and no control characters. */
const PLAIN = /^[\x20-\x7e\xa0-\xff]*$/;
const composed = (text: string): string => (PLAIN.test(text) ? text : text.normalize('NFC'));

/** A type whose value is one text; `check` returns the canonical spelling or reports. */
function textual<T extends string>(accepts: string, check: (text: string, report: Report) => T | undefined): FieldType<T> {
  return {
    accepts,
    storage: 'text',
    read(value, report) {
      if (typeof value === 'number') {
        report('', `${value} is a number; write it in quotes, as leading zeros count`);
        return undefined;
      }
      if (typeof value !== 'string') {
        report('', `${quoted(value)} is no text`);
        return undefined;
      }
      return check(value, report);
    },
    format: (value) => value,
    parse: (text) => text,
  };
}

const matching = (accepts: string, pattern: RegExp, tidy = (text: string): string => text.trim()): FieldType<string> =>
  textual(accepts, (text, report) => {
    const tidied = tidy(text);
    if (pattern.test(tidied)) return tidied;
    report('', `${quoted(text)} is not ${accepts}`);
    return undefined;
  });

const lower = (text: string): string => text.trim().toLowerCase();

/** Free text without control characters, blanks at the ends dropped. */
export const text = (max: number): FieldType<string> =>
  textual(`text of at most ${max} characters`, (value, report) => {
    const trimmed = value.trim();
    const plain = PLAIN.test(trimmed);
    const tidied = plain ? trimmed : trimmed.normalize('NFC');
    if (tidied === '') report('', 'is empty');
    else if (tidied.length > max) report('', `has ${tidied.length} characters, at most ${max} are allowed`);
    else if (!plain && CONTROL.test(tidied)) report('', `${quoted(tidied)} has control characters`);
    else return tidied;
    return undefined;
  });

/** A word of a list: free text without the `;` that separates words in text. */
export const tag = matching('a word of at most 64 characters without ";"', /^[^;\p{Cc}\p{Cs}]{1,64}$/u, (word) => composed(word.trim()));

export const key = matching('a key of a-z, 0-9 and "-", at most 64 characters', /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, lower);
export const personKey = matching('a key of a-z, 0-9, "-" and ".", at most 64 characters', /^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$/, lower);
export const groupName = matching('a group name of a-z, 0-9 and "-", at most 32 characters', /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, lower);
export const municipalityCode = matching('a municipality code of three digits', /^\d{3}$/);
export const e164 = matching('1 to 30 of 0-9, * and #', /^[0-9*#]{1,30}$/);
export const email = matching('an e-mail address', /^[^\s@<>"]{1,64}@[a-z0-9.-]{1,253}$/i);
export const h323Id = matching('an H.323 ID of at most 128 characters', /^[^\p{Cc}\p{Cs}]{1,128}$/u, (id) => composed(id.trim()));
export const domain = matching('a domain name', /^(?=.{1,253}$)(?!.*(?:^|\.)\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/, lower);

export const oneOf = <T extends string>(values: readonly T[]): FieldType<T> =>
  textual(`one of ${values.join(', ')}`, (value, report) => {
    const found = values.find((known) => known === value.trim());
    if (found === undefined) report('', `${quoted(value)} is not one of ${values.join(', ')}`);
    return found;
  });

/** Canonical spellings found lately: in an import most addresses come many times. */
const MAX_LATELY = 20_000;

function address(accepts: string, parse: (text: string) => { address: string } | AddressFault): FieldType<string> {
  const lately = new Map<string, string>();
  return textual(accepts, (value, report) => {
    const known = lately.get(value);
    if (known !== undefined) return known;
    const parsed = parse(value.trim());
    if (isFault(parsed)) {
      report('', `${quoted(value)}: ${parsed.reason}`);
      return undefined;
    }
    if (lately.size >= MAX_LATELY) lately.clear();
    lately.set(value, parsed.address);
    return parsed.address;
  });
}

export const serviceAddress = address('a service address SERVICE[.LANGUAGE][.QUALIFIER]@DOMAIN', parseServiceAddress);
export const deviceAddress = address('a device address NAME@SITE.DOMAIN', parseDeviceAddress);
export const numericAlias = address('municipality(3) service(4) [language(1)] in digits', (value) => {
  const parsed = parseNumericAlias(value);
  return isFault(parsed) ? parsed : { address: parsed.digits };
});

export const language: FieldType<Language> = textual('an ISO 639 code', (value, report) => {
  const code = lower(value);
  if (isLanguage(code)) return code;
  report('', `${quoted(value)} is no ISO 639 language code`);
  return undefined;
});

export const flag: FieldType<boolean> = {
  accepts: 'true or false',
  storage: 'flag',
  read(value, report) {
    if (value === true || value === 'true' || value === 'yes' || value === '1') return true;
    if (value === false || value === 'false' || value === 'no' || value === '0') return false;
    report('', `${quoted(value)} is neither true nor false`);
    return undefined;
  },
  format: String,
  parse: (value) => value.trim().toLowerCase(),
};

export const integer = (min: number, max: number): FieldType<number> => ({
  accepts: `a whole number from ${min} to ${max}`,
  storage: 'integer',
  read(value, report) {
    const number = typeof value === 'string' && /^-?\d{1,9}$/.test(value.trim()) ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max) return number;
    report('', `${quoted(value)} is not a whole number from ${min} to ${max}`);
    return undefined;
  },
  format: String,
  parse: (value) => value,
});

/** Different values of one type, in the order given; `;` separates them in text. */
export const list = <T extends string>(type: FieldType<T>, max: number): FieldType<T[]> => ({
  accepts: `list of ${type.accepts}, separated by ";"`,
  storage: 'json',
  read(value, report) {
    const items = readItems(value, max, report);
    if (!items) return undefined;
    const values: T[] = [];
    let i = 0;
    const atItem: Report = (path, reason) => below(report, i)(path, reason);
    for (; i < items.length; i++) {
      const item = type.read(items[i] ?? '', atItem);
      if (item !== undefined && !values.includes(item)) values.push(item);
    }
    return values;
  },
  format: (value) => value.join(';'),
  parse: (value) => (value.includes(';') ? value.split(';') : [value]).map((item) => item.trim()).filter((item) => item !== ''),
});

/** Text by language; in text form it takes one column a language, so `format` and `parse` are not used for it as a whole. */
export const localized = (max: number): FieldType<LocalizedText> => {
  const type = text(max);
  return {
    accepts: `text by language, at most ${max} characters each`,
    storage: 'json',
    read(value, report) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        report('', `${quoted(value)} is no text by language, such as { fi: ..., sv: ... }`);
        return undefined;
      }
      // In the order of codes, so that equal texts are stored equally.
      const codes: Language[] = [];
      const texts: LocalizedText = {};
      for (const code of Object.keys(value)) {
        const entry = (value as Record<string, unknown>)[code];
        if (entry == null) continue;
        const known = language.read(code, (_, reason) => report('', reason));
        const words = type.read(entry, (path, reason) => report(`.${code}${path}`, reason));
        if (known === undefined || words === undefined) continue;
        let at = codes.length;
        while (at > 0 && (codes[at - 1] as Language) > known) at--;
        if (at === codes.length) codes.push(known);
        else codes.splice(at, 0, known);
        texts[known] = words;
      }
      if (codes.length === 0) return undefined;
      const read: LocalizedText = {};
      for (const code of codes) read[code] = texts[code];
      return read;
    },
    format: (value) => JSON.stringify(value),
    parse: (value, report) => {
      try {
        return JSON.parse(value) as unknown;
      } catch {
        report('', `${quoted(value)} is no JSON`);
        return undefined;
      }
    },
  };
};

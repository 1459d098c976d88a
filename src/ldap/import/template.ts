import { fold } from '../../addressing';
import { parseDn } from '../dn';
import type { SourceEntry } from '../ldif';

/** Turns an entry into the text of a column; undefined: an attribute that it needs is not there. */
export type Template = (entry: SourceEntry) => string | undefined;

/** What may be done with a value: `{mail|lower}`. */
const CHANGES: Readonly<Record<string, (value: string) => string>> = {
  lower: (value) => value.toLowerCase(),
  /** A key of letters a-z, digits and hyphens. */
  key: (value) => fold(value).replace(/[^a-z0-9.-]+/g, '-').replace(/-{2,}/g, '-').replace(/^[-.]+|[-.]+$/g, '').slice(0, 64),
  /** Of a DN the value of its first part. */
  rdn: (value) => parseDn(value)?.[0]?.[0]?.value ?? value,
  digits: (value) => value.replace(/[^0-9*#]/g, ''),
  /** An address without its scheme and parameters. */
  address: (value) => value.replace(/^(?:sips?|h323):/i, '').replace(/[;?].*$/, '').toLowerCase(),
};
export const CHANGE_NAMES = Object.keys(CHANGES);

const PART = /\{([^{}|]+)((?:\|[a-z]+)*)\}/g;

/**
 * Reads `text with {attribute}, {attribute|change} and {dn.ou}`: attributes by their description, `dn.TYPE` the first value of
 * that type in the entry's name. Where the text is one attribute alone, all its values are taken, joined by ";". Throws Error
 * with the reason.
 */
export function template(text: string): Template {
  const pieces: (string | Template)[] = [];
  let at = 0;
  const alone = /^\{[^{}]+\}$/.test(text);
  for (const match of text.matchAll(PART)) {
    const [whole, name = '', changes = ''] = match;
    if (match.index > at) pieces.push(literal(text.slice(at, match.index)));
    pieces.push(values(name.trim().toLowerCase(), changes.split('|').filter((change) => change !== ''), alone));
    at = match.index + whole.length;
  }
  if (at < text.length) pieces.push(literal(text.slice(at)));
  const [first] = pieces;
  if (alone && typeof first === 'function') return first;
  return (entry) => {
    let result = '';
    for (const piece of pieces) {
      const one = typeof piece === 'string' ? piece : piece(entry);
      if (one === undefined) return undefined;
      result += one;
    }
    return result;
  };
}

function literal(text: string): string {
  if (/[{}]/.test(text)) throw new Error(`"${text}" has a brace without its other half`);
  return text;
}

function values(name: string, changes: readonly string[], all: boolean): Template {
  const unknown = changes.find((change) => !(change in CHANGES));
  if (unknown !== undefined) throw new Error(`there is no change "${unknown}"; known are ${CHANGE_NAMES.join(', ')}`);
  const steps = changes.map((change) => CHANGES[change] as (text: string) => string);
  const changed = steps.length === 0 ? (value: string): string => value : (value: string): string => {
    let text = value;
    for (const step of steps) text = step(text);
    return text;
  };
  if (name.startsWith('dn.')) {
    const find = finderInDn(name.slice('dn.'.length));
    return ({ dn }) => {
      const value = find(dn);
      return value === undefined ? undefined : changed(value);
    };
  }
  return ({ attributes }) => {
    const found = attributes.get(name);
    const [first] = found ?? [];
    if (found === undefined || first === undefined) return undefined;
    return all && found.length > 1 ? found.map(changed).join(';') : changed(first);
  };
}

/** Finds the first value of a type in a name. What is above an entry is mostly the same as for the entry before it. */
function finderInDn(type: string): (dn: string) => string | undefined {
  const find = (dn: string): string | undefined =>
    parseDn(dn)?.flat().find(({ typeName, type: known }) => typeName.toLowerCase() === type || known?.names.some((one) => one.toLowerCase() === type))?.value;
  let above: string | undefined;
  let valueAbove: string | undefined;
  return (dn) => {
    const comma = dn.indexOf(',');
    if (comma < 0 || /[\\"]/.test(dn)) return find(dn);
    const parent = dn.slice(comma + 1);
    if (parent !== above) [above, valueAbove] = [parent, find(parent)];
    return find(dn.slice(0, comma)) ?? valueAbove;
  };
}

import { foldLetters } from './fold';
import { isLanguage } from './languages';
import { fault, type AddressFault, type NumericAlias, type ServiceName } from './types';

export const MAX_LOCAL = 64;
export const MAX_DIGITS = 30;
const LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** How a character is shown in a fault: as itself when it is visible, by its code otherwise. */
export function shown(character: string): string {
  return /^[\p{L}\p{N}\p{P}\p{S} ]$/u.test(character)
    ? `'${character}'`
    : `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/**
 * The first character of `text`, as it was written, of which a folded character is outside `allowed`; as a fault at
 * `offset` characters further.
 */
export function firstForbidden(text: string, allowed: RegExp, where: string, offset: number): AddressFault | undefined {
  let position = offset;
  for (const character of text) {
    position += 1;
    if ([...foldLetters(character)].some((folded) => !allowed.test(folded))) return fault('character', position, `character ${position} ${shown(character)} is not allowed in ${where}`);
  }
  return undefined;
}

function readLabel(label: string, what: string, offset: number): AddressFault | undefined {
  if (LABEL.test(label)) return undefined;
  if (label === '') return fault('label', offset + 1, `the ${what} at character ${offset + 1} is empty`);
  const forbidden = firstForbidden(label, /[a-z0-9-]/, `a ${what}`, offset);
  if (forbidden !== undefined) return forbidden;
  const position = label.startsWith('-') ? offset + 1 : offset + label.length;
  return fault('label', position, `a ${what} may not ${label.startsWith('-') ? 'begin' : 'end'} with '-' (character ${position})`);
}

/**
 * Reads a folded local part by `service [ "." language ] [ "." qualifier ]`; of two parts the second is the language when
 * it is an ISO 639 code, the qualifier otherwise.
 */
export function readServiceName(local: string): ServiceName | AddressFault {
  const labels = local.split('.', 4);
  const [service = '', second, third] = labels;
  const names = ['service name', third === undefined ? 'language or qualifier' : 'language', 'qualifier'];
  let offset = 0;
  if (labels.length > 3) {
    offset = labels.slice(0, 3).join('.').length;
    return fault('parts', offset + 1, `more than three parts (service.language.qualifier) at character ${offset + 1}`);
  }
  for (const [i, label] of labels.entries()) {
    const wrong = readLabel(label, names[i] ?? '', offset);
    if (wrong !== undefined) return wrong;
    offset += label.length + 1;
  }
  if (second === undefined) return { service };
  if (third === undefined) return isLanguage(second) ? { service, language: second } : { service, qualifier: second };
  if (isLanguage(second)) return { service, language: second, qualifier: third };
  return fault('language', service.length + 2, `'${second}' at character ${service.length + 2} is not an ISO 639 language code`);
}

/** Reads 7 or 8 digits as `municipality(3) service(4) [ language(1) ]`. */
export function readNumericAlias(digits: string): NumericAlias | undefined {
  const match = /^(\d{3})(\d{4})(\d)?$/.exec(digits);
  if (match === null) return undefined;
  const [, municipality = '', service = '', language] = match;
  return language === undefined ? { municipality, service } : { municipality, service, language };
}

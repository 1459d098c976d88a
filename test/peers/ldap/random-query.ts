import ldap from 'ldapjs';
import type { FoundEntry } from './client';

export interface Query {
  base: string;
  scope: 'base' | 'one' | 'sub';
  filter: ldap.Filter;
  /** The filter as text, for reports. */
  text: string;
  attributes: string[];
}

type Random = () => number;
const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

/** Attributes that no entry here has, or that there are none of. */
const ABSENT = ['carLicense', 'roomNumber', 'noSuchAttribute', 'mobile'];
const SUPERIOR = ['name', 'name', 'commonName', '2.5.4.3', 'CN', 'surname'];
const SELECTIONS = [[], ['*'], ['1.1'], ['cn'], ['cn;lang-sv'], ['mail', 'telephoneNumber'], ['name'], ['SN', 'noSuchAttribute'], ['objectClass', 'SIPIdentitySIPURI'], ['*', 'cn'], ['structuralObjectClass', 'cn'], ['entryDN'], ['subschemaSubentry'], ['hasSubordinates', 'o']];

/** A search about values that entries have, changed now and then so that they nearly match. */
export function randomQuery(random: Random, entries: readonly FoundEntry[]): Query {
  const base = randomBase(random, entries);
  const filter = randomFilter(random, entries, 3);
  return { base, scope: pick(random, ['base', 'one', 'sub', 'sub', 'sub', 'sub'] as const), filter, text: filter.toString(), attributes: pick(random, SELECTIONS) };
}

function randomBase(random: Random, entries: readonly FoundEntry[]): string {
  const { dn } = pick(random, entries);
  const kind = random();
  if (kind < 0.5) return 'dc=palvelu,dc=example';
  if (kind < 0.85) return dn.split(',').slice(Math.floor(random() * 3)).join(',') || dn;
  if (kind < 0.9) return dn.toUpperCase();
  if (kind < 0.95) return `uid=nobody,${dn}`;
  return 'dc=other,dc=example';
}

function randomFilter(random: Random, entries: readonly FoundEntry[], depth: number): ldap.Filter {
  const kind = random();
  if (depth > 0 && kind < 0.4) {
    const filters = Array.from({ length: 1 + Math.floor(random() * 3) }, () => randomFilter(random, entries, depth - 1));
    return kind < 0.17 ? new ldap.AndFilter({ filters }) : kind < 0.32 ? new ldap.OrFilter({ filters }) : new ldap.NotFilter({ filter: filters[0] as ldap.Filter });
  }
  const { attributes } = pick(random, entries);
  const described = pick(random, Object.keys(attributes));
  const value = mangled(random, pick(random, attributes[described] as string[]));
  const attribute = random() < 0.08 ? pick(random, ABSENT) : random() < 0.1 ? pick(random, SUPERIOR) : random() < 0.7 ? described.split(';')[0] as string : described;
  const how = random();
  if (how < 0.1) return new ldap.PresenceFilter({ attribute });
  if (how < 0.45) return new ldap.EqualityFilter({ attribute, value });
  if (how < 0.5) return new ldap.GreaterThanEqualsFilter({ attribute, value });
  if (how < 0.55) return new ldap.LessThanEqualsFilter({ attribute, value });
  if (how < 0.62) return extensible(random, attribute, value);
  return substrings(random, attribute, value);
}

// The types of these constructors ask for more than the constructors do.
const extensibleFilter = (parts: { matchType: string; rule?: string; value: string; dnAttributes?: boolean }): ldap.Filter => new ldap.ExtensibleFilter(parts);
const substringFilter = (parts: { attribute: string; initial?: string; any?: string[]; final?: string }): ldap.Filter => new ldap.SubstringFilter(parts as never);

function extensible(random: Random, attribute: string, value: string): ldap.Filter {
  const rule = pick(random, ['caseExactMatch', 'caseIgnoreMatch', '2.5.13.5', 'caseIgnoreIA5Match', 'noSuchRule']);
  const kind = random();
  if (kind < 0.3) return extensibleFilter({ matchType: attribute, value });
  if (kind < 0.7) return extensibleFilter({ matchType: attribute, rule, value });
  return extensibleFilter({ matchType: pick(random, ['o', 'ou', 'l']), value: pick(random, ['kela', 'PEOPLE', 'services', 'ahtari']), dnAttributes: true });
}

function substrings(random: Random, attribute: string, value: string): ldap.Filter {
  const cut = (from: number, to: number): string => value.slice(Math.floor(from * value.length), Math.ceil(to * value.length));
  // Blanks at the ends of an inner part are one of the listed differences.
  const inner = (text: string): string => text.trim() || 'x';
  const shape = random();
  if (shape < 0.3) return substringFilter({ attribute, initial: cut(0, 0.2 + random() * 0.8) || 'x' });
  if (shape < 0.6) return substringFilter({ attribute, any: [inner(cut(random() * 0.5, 0.5 + random() * 0.5))] });
  if (shape < 0.75) return substringFilter({ attribute, final: cut(random(), 1) || 'x' });
  if (shape < 0.9) return substringFilter({ attribute, initial: cut(0, 0.3) || 'x', any: [inner(cut(0.35, 0.6))], final: cut(0.7, 1) || 'x' });
  return substringFilter({ attribute, any: [inner(cut(0.1, 0.3)), inner(cut(0.5, 0.6))] });
}

function mangled(random: Random, value: string): string {
  const kind = random();
  if (kind < 0.55) return value;
  if (kind < 0.7) return value.toUpperCase();
  if (kind < 0.78) return value.toLowerCase();
  if (kind < 0.84) return value.replace(/ /g, '  ');
  if (kind < 0.88) return ` ${value} `;
  if (kind < 0.92) return value.slice(1) || 'x';
  if (kind < 0.96) return value.normalize('NFD');
  return `${value}x`;
}

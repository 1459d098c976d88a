import { ETASILTA } from './etasilta';
import { H350 } from './h350';
import { MATCHING_RULES } from './rules';
import { STANDARD, SYSTEM } from './standard';
import type { AttributeType, MatchingRuleDefinition, ObjectClass } from './types';

export const PARTS = [SYSTEM, STANDARD, H350, ETASILTA] as const;
export const ATTRIBUTE_TYPES: readonly AttributeType[] = PARTS.flatMap(({ attributes }) => attributes);
export const OBJECT_CLASSES: readonly ObjectClass[] = PARTS.flatMap(({ classes }) => classes);

const byName = <T extends { oid: string; names: readonly string[] }>(all: readonly T[]): Map<string, T> =>
  new Map(all.flatMap((one) => [one.oid, ...one.names].map((name) => [name.toLowerCase(), one] as const)));

const TYPES = byName(ATTRIBUTE_TYPES);
const CLASSES = byName(OBJECT_CLASSES);
const RULES = new Map(MATCHING_RULES.flatMap((rule) => [[rule.oid, rule], [rule.name.toLowerCase(), rule]] as const));

/** By name or OID, in any case. */
export const attributeType = (name: string): AttributeType | undefined => TYPES.get(name.toLowerCase());
export const objectClass = (name: string): ObjectClass | undefined => CLASSES.get(name.toLowerCase());
export const matchingRule = (name: string): MatchingRuleDefinition | undefined => RULES.get(name.toLowerCase());

/** The type of this name; throws where the program itself names one that there is not. */
export function knownType(name: string): AttributeType {
  const type = attributeType(name);
  if (type === undefined) throw new RangeError(`no attribute type ${name}`);
  return type;
}

export const nameOf = ({ names: [name = ''] }: { names: readonly string[] }): string => name;

const SUBTYPES = new Map(ATTRIBUTE_TYPES.map((type) => {
  const names = type.names.map((name) => name.toLowerCase());
  return [type, [type, ...ATTRIBUTE_TYPES.filter(({ superior }) => superior !== undefined && names.includes(superior.toLowerCase()))]] as const;
}));

/** A type and the kinds of it: `name` is also `cn` (RFC 4512 section 2.5.1). */
export const withSubtypes = (type: AttributeType): readonly AttributeType[] => SUBTYPES.get(type) ?? [type];

/** An attribute description taken apart (RFC 4512 section 2.5); undefined: no type of the schema. Options in lower case. */
export function attributeDescription(text: string): { type: AttributeType; options: string[] } | undefined {
  const parts = text.toLowerCase().split(';');
  const type = TYPES.get(parts[0] ?? '');
  return type && { type, options: parts.slice(1) };
}

/** The classes above a class, itself first. */
export function lineage(name: string): ObjectClass[] {
  const found = objectClass(name);
  return found === undefined ? [] : [found, ...(found.superior === '' ? [] : lineage(found.superior))];
}

import { ETASILTA } from './etasilta';
import { H350 } from './h350';
import { MATCHING_RULES, SYNTAXES } from './rules';
import { ATTRIBUTE_TYPES, OBJECT_CLASSES } from './registry';
import type { AttributeType, ObjectClass, SchemaPart } from './types';

const namesOf = (names: readonly string[]): string => (names.length === 1 ? `'${names[0]}'` : `( ${names.map((name) => `'${name}'`).join(' ')} )`);
const described = (description: string | undefined): string[] => (description === undefined ? [] : [`DESC '${description.replace(/'/g, '\\27')}'`]);
const listed = (word: string, names: readonly string[] | undefined): string[] =>
  names === undefined || names.length === 0 ? [] : [names.length === 1 ? `${word} ${names[0]}` : `${word} ( ${names.join(' $ ')} )`];
const clause = (word: string, value: string | undefined): string[] => (value === undefined ? [] : [`${word} ${value}`]);

/** RFC 4512 section 4.1.2. What a type has from its superior is not repeated. */
function attributeTypeParts({ oid, names, description, superior, equality, ordering, substrings, syntax, singleValue, usage }: AttributeType): string[] {
  return [
    `${oid} NAME ${namesOf(names)}`, ...described(description), ...clause('SUP', superior),
    ...(superior === undefined ? [...clause('EQUALITY', equality), ...clause('ORDERING', ordering), ...clause('SUBSTR', substrings), `SYNTAX ${syntax}`] : []),
    ...(singleValue ? ['SINGLE-VALUE'] : []), ...(usage === undefined ? [] : ['NO-USER-MODIFICATION', `USAGE ${usage}`]),
  ];
}

/** RFC 4512 section 4.1.1. */
function objectClassParts({ oid, names, description, superior, kind, must, may }: ObjectClass): string[] {
  return [`${oid} NAME ${namesOf(names)}`, ...described(description), ...(superior === '' ? [] : [`SUP ${superior}`]), kind, ...listed('MUST', must), ...listed('MAY', may)];
}

const inline = (parts: readonly string[]): string => `( ${parts.join(' ')} )`;

/** Values of the subschema entry (RFC 4512 section 4.2). */
export const SUBSCHEMA = {
  ldapSyntaxes: SYNTAXES.map(({ oid, description }) => `( ${oid} DESC '${description}' )`),
  matchingRules: MATCHING_RULES.map(({ oid, name, syntax }) => `( ${oid} NAME '${name}' SYNTAX ${syntax} )`),
  attributeTypes: ATTRIBUTE_TYPES.map((type) => inline(attributeTypeParts(type))),
  objectClasses: OBJECT_CLASSES.map((one) => inline(objectClassParts(one))),
};

/** The parts of the schema that other servers do not have, by the name of their file. */
export const SCHEMA_FILES: Readonly<Record<string, { part: SchemaPart; about: string[] }>> = {
  h350: { part: H350, about: ['ITU-T H.350, H.350.1, H.350.2, H.350.4 and H.350.6 for OpenLDAP.', 'Needs core, cosine and inetorgperson.'] },
  etasilta: { part: ETASILTA, about: ['Classes and attributes of Etäsilta for OpenLDAP.', 'Needs core, cosine, inetorgperson and h350.'] },
};

const comment = (about: readonly string[]): string => [...about, 'Made from the program\'s own definitions: do not edit.'].map((line) => `# ${line}\n`).join('');

/** As `include`d by slapd.conf. */
export function schemaFile({ part, about }: { part: SchemaPart; about: string[] }): string {
  const definition = (word: string, parts: readonly string[]): string => `${word} ( ${parts.join('\n    ')} )\n`;
  return [
    comment(about), ...part.attributes.map((type) => definition('attributetype', attributeTypeParts(type))), ...part.classes.map((one) => definition('objectclass', objectClassParts(one))),
  ].join('\n');
}

/** As loaded into `cn=schema,cn=config`. */
export function schemaLdif(name: string, { part, about }: { part: SchemaPart; about: string[] }): string {
  const line = (word: string, parts: readonly string[]): string => `${word}: ( ${parts.join('\n  ')} )\n`;
  return [
    comment(about), `dn: cn=${name},cn=schema,cn=config\n`, 'objectClass: olcSchemaConfig\n', `cn: ${name}\n`,
    ...part.attributes.map((type) => line('olcAttributeTypes', attributeTypeParts(type))), ...part.classes.map((one) => line('olcObjectClasses', objectClassParts(one))),
  ].join('');
}

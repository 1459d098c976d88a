import type { AttributeType, MatchingRuleDefinition, Syntax } from './types';

const S = '1.3.6.1.4.1.1466.115.121.1.';

/** Syntaxes of RFC 4517 section 3.3 and RFC 4530, by the names used in this program. */
export const SYNTAX = {
  attributeTypeDescription: `${S}3`, boolean: `${S}7`, certificate: `${S}8`, countryString: `${S}11`, dn: `${S}12`, deliveryMethod: `${S}14`, directoryString: `${S}15`,
  facsimile: `${S}22`, guide: `${S}25`, ia5String: `${S}26`, integer: `${S}27`, jpeg: `${S}28`, matchingRuleDescription: `${S}30`,
  nameAndUid: `${S}34`, numericString: `${S}36`, objectClassDescription: `${S}37`, oid: `${S}38`, octetString: `${S}40`, postalAddress: `${S}41`, printableString: `${S}44`,
  telephoneNumber: `${S}50`, teletex: `${S}51`, telex: `${S}52`, syntaxDescription: `${S}54`, substringAssertion: `${S}58`, uuid: '1.3.6.1.1.16.1', audio: `${S}4`, binary: `${S}5`, bitString: `${S}6`,
} as const;

const DESCRIPTIONS: Record<keyof typeof SYNTAX, string> = {
  attributeTypeDescription: 'Attribute Type Description', boolean: 'Boolean', certificate: 'Certificate', countryString: 'Country String', dn: 'DN', deliveryMethod: 'Delivery Method',
  directoryString: 'Directory String', facsimile: 'Facsimile Telephone Number', guide: 'Guide', ia5String: 'IA5 String', integer: 'INTEGER',
  jpeg: 'JPEG', matchingRuleDescription: 'Matching Rule Description', nameAndUid: 'Name And Optional UID', numericString: 'Numeric String',
  objectClassDescription: 'Object Class Description', oid: 'OID', octetString: 'Octet String', postalAddress: 'Postal Address',
  printableString: 'Printable String', telephoneNumber: 'Telephone Number', teletex: 'Teletex Terminal Identifier', telex: 'Telex Number',
  syntaxDescription: 'LDAP Syntax Description', substringAssertion: 'Substring Assertion', uuid: 'UUID', audio: 'Audio', binary: 'Binary', bitString: 'Bit String',
};

export const SYNTAXES: readonly Syntax[] = (Object.keys(SYNTAX) as (keyof typeof SYNTAX)[]).map((name) => ({ oid: SYNTAX[name], description: DESCRIPTIONS[name] }));

const rule = (oid: string, name: string, syntax: keyof typeof SYNTAX): MatchingRuleDefinition => ({ oid, name, syntax: SYNTAX[syntax] });

/** Matching rules of RFC 4517 section 4.2 (and RFC 4530) that this server evaluates. */
export const MATCHING_RULES: readonly MatchingRuleDefinition[] = [
  rule('2.5.13.0', 'objectIdentifierMatch', 'oid'),
  rule('2.5.13.1', 'distinguishedNameMatch', 'dn'),
  rule('2.5.13.2', 'caseIgnoreMatch', 'directoryString'),
  rule('2.5.13.3', 'caseIgnoreOrderingMatch', 'directoryString'),
  rule('2.5.13.4', 'caseIgnoreSubstringsMatch', 'substringAssertion'),
  rule('2.5.13.5', 'caseExactMatch', 'directoryString'),
  rule('2.5.13.6', 'caseExactOrderingMatch', 'directoryString'),
  rule('2.5.13.7', 'caseExactSubstringsMatch', 'substringAssertion'),
  rule('2.5.13.8', 'numericStringMatch', 'numericString'),
  rule('2.5.13.9', 'numericStringOrderingMatch', 'numericString'),
  rule('2.5.13.10', 'numericStringSubstringsMatch', 'substringAssertion'),
  rule('2.5.13.13', 'booleanMatch', 'boolean'),
  rule('2.5.13.14', 'integerMatch', 'integer'),
  rule('2.5.13.15', 'integerOrderingMatch', 'integer'),
  rule('2.5.13.17', 'octetStringMatch', 'octetString'),
  rule('2.5.13.18', 'octetStringOrderingMatch', 'octetString'),
  rule('2.5.13.20', 'telephoneNumberMatch', 'telephoneNumber'),
  rule('2.5.13.21', 'telephoneNumberSubstringsMatch', 'substringAssertion'),
  rule('2.5.13.30', 'objectIdentifierFirstComponentMatch', 'oid'),
  rule('1.3.6.1.4.1.1466.109.114.1', 'caseExactIA5Match', 'ia5String'),
  rule('1.3.6.1.4.1.1466.109.114.2', 'caseIgnoreIA5Match', 'ia5String'),
  rule('1.3.6.1.4.1.1466.109.114.3', 'caseIgnoreIA5SubstringsMatch', 'substringAssertion'),
  rule('1.3.6.1.4.1.4203.1.2.1', 'caseExactIA5SubstringsMatch', 'substringAssertion'),
  rule('1.3.6.1.1.16.2', 'uuidMatch', 'uuid'),
];

type Form = Pick<AttributeType, 'equality' | 'ordering' | 'substrings' | 'syntax' | 'superior'>;

/** What attribute types are mostly made of: syntax and rules that go together. */
export const FORM = {
  /** A kind of `name` (RFC 4519 section 2.18). */
  name: { superior: 'name', equality: 'caseIgnoreMatch', substrings: 'caseIgnoreSubstringsMatch', syntax: SYNTAX.directoryString },
  text: { equality: 'caseIgnoreMatch', substrings: 'caseIgnoreSubstringsMatch', syntax: SYNTAX.directoryString },
  exactText: { equality: 'caseExactMatch', substrings: 'caseExactSubstringsMatch', syntax: SYNTAX.directoryString },
  exact: { equality: 'caseExactMatch', syntax: SYNTAX.directoryString },
  ia5: { equality: 'caseIgnoreIA5Match', substrings: 'caseIgnoreIA5SubstringsMatch', syntax: SYNTAX.ia5String },
  exactIa5: { equality: 'caseExactIA5Match', substrings: 'caseExactIA5SubstringsMatch', syntax: SYNTAX.ia5String },
  /** IA5 without an equality rule. */
  plainIa5: { syntax: SYNTAX.ia5String },
  printable: { equality: 'caseIgnoreMatch', substrings: 'caseIgnoreSubstringsMatch', syntax: SYNTAX.printableString },
  numeric: { equality: 'numericStringMatch', substrings: 'numericStringSubstringsMatch', syntax: SYNTAX.numericString },
  telephone: { equality: 'telephoneNumberMatch', substrings: 'telephoneNumberSubstringsMatch', syntax: SYNTAX.telephoneNumber },
  boolean: { equality: 'booleanMatch', syntax: SYNTAX.boolean },
  integer: { equality: 'integerMatch', ordering: 'integerOrderingMatch', syntax: SYNTAX.integer },
  dn: { equality: 'distinguishedNameMatch', syntax: SYNTAX.dn },
  oid: { equality: 'objectIdentifierMatch', syntax: SYNTAX.oid },
  octets: { equality: 'octetStringMatch', syntax: SYNTAX.octetString },
  uuid: { equality: 'uuidMatch', syntax: SYNTAX.uuid },
} as const satisfies Record<string, Form>;

export function attribute(oid: string, names: string, form: Form, more: Partial<AttributeType> = {}): AttributeType {
  return { oid, names: names.split(' '), ...form, ...more };
}

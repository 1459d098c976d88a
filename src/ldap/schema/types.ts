/** Definitions as RFC 4512 section 4.1 has them. */

export interface Syntax {
  oid: string;
  description: string;
}

export interface MatchingRuleDefinition {
  oid: string;
  name: string;
  syntax: string;
}

export interface AttributeType {
  oid: string;
  /** The first is the one that is shown. */
  names: readonly string[];
  description?: string;
  /** Name of the type that this one is a kind of. */
  superior?: string;
  /** Names of matching rules; with a superior, those of it. */
  equality?: string;
  ordering?: string;
  substrings?: string;
  /** OID of the syntax. */
  syntax: string;
  singleValue?: boolean;
  usage?: 'directoryOperation' | 'dSAOperation';
}

export interface ObjectClass {
  oid: string;
  names: readonly string[];
  description?: string;
  superior: string;
  kind: 'ABSTRACT' | 'STRUCTURAL' | 'AUXILIARY';
  must?: readonly string[];
  may?: readonly string[];
}

/** A part of the schema with a source of its own. */
export interface SchemaPart {
  attributes: readonly AttributeType[];
  classes: readonly ObjectClass[];
}

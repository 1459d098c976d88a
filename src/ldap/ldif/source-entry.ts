import { isUtf8 } from 'node:buffer';

/** Values by attribute description in lower case. */
export interface AttributeValues {
  get(description: string): readonly string[] | undefined;
}

/** An entry as a source gives it. */
export interface SourceEntry {
  dn: string;
  attributes: AttributeValues;
  /** Line of the file, or number of the entry, from 1. */
  line: number;
}

/** The text of a value; octets that are no text, such as Active Directory's objectGUID, are told in hexadecimal. */
export const valueText = (octets: Buffer): string => octets.toString(isUtf8(octets) ? 'utf8' : 'hex');

import { isUtf8 } from 'node:buffer';

/** An entry as a source gives it: attribute descriptions in lower case. */
export interface SourceEntry {
  dn: string;
  attributes: ReadonlyMap<string, readonly string[]>;
  /** Line of the file, or number of the entry, from 1. */
  line: number;
}

/** The text of a value; octets that are no text, such as Active Directory's objectGUID, are told in hexadecimal. */
export const valueText = (octets: Buffer): string => octets.toString(isUtf8(octets) ? 'utf8' : 'hex');

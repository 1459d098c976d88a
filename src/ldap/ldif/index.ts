/** LDIF (RFC 2849). */
export { LdifError } from './error';
export { LdifFile } from './read';
export { type SourceEntry, valueText } from './source-entry';
export { ldifLine, writeLdif } from './write';

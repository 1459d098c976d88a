/** LDIF (RFC 2849). */
export { LdifError, readLdif, type SourceEntry } from './read';
export { ldifLine, writeLdif } from './write';

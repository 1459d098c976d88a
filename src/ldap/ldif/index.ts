/** LDIF (RFC 2849). */
export { ldifLine, writeLdif } from './write';

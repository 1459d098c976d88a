/** Import and synchronisation from other directories and from LDIF. */
export { LdapSource, LdapSourceError } from './client';
export { type Mapping, MappingError, readMapping } from './mapping';
export { importLdap, type LdapImportOptions, type LdapImportReport } from './run';

/** The directory as LDAP: server, schema, import from other directories. */
export { type Account, DEFAULT_LIMITS, type LdapLimits, type LdapServerOptions } from './server/options';
export { hashAccountPassword, PASSWORD_HASH } from './server/password';
export { type LdapSettings, ldapServerOptions, suffixOf } from './server/settings';
export { createLdapServer, type LdapServer, type LdapServerDeps } from './server/server';
export { SCHEMA_FILES, schemaFile, schemaLdif } from './schema';
export { writeLdif } from './ldif';
export { type Level, LEVELS, ReadableTree, treeSource, type Visibility } from './tree';
export { importLdap, type LdapImportReport, MappingError, readMapping } from './import';

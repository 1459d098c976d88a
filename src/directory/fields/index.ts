/** Types of fields: how the values of records are read, checked, written as text and stored. */
export { credentials, hashPassword } from './credentials';
export { formerAddresses, formerNumbers } from './former';
export { hours } from './hours';
export { businessId, businessIdCheckDigit, contradictsBusinessId, deriveOid, oid, oidOf } from './identifiers';
export { pin, pinMatches } from './pin';
export { mediaMode, plan } from './plan';
export * from './text';
export type { FieldType, Report } from './types';

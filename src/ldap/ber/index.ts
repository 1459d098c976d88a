/** The part of BER (X.690) that LDAP uses. */
export { BerReader, readLength, TAG } from './reader';
export { BerWriter } from './writer';

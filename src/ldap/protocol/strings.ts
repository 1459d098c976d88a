import { type BerReader, TAG } from '../ber';
import { LdapSyntaxError } from '../errors';
import { LIMITS } from './limits';

/** Sound LDAP, but more of it than {@link LIMITS} allow. */
export class OverLimit extends Error {}

/** Type and options: short name or OID (RFC 4512 section 2.5). Not looked up in any schema. */
const DESCRIPTION = /^[A-Za-z0-9.;_-]+$/;

export function attributeDescription(reader: BerReader, tag: number = TAG.octetString): string {
  const text = reader.text(tag);
  if (text.length > LIMITS.attributeDescription) throw new OverLimit(`an attribute description of ${text.length} characters`);
  if (!DESCRIPTION.test(text)) throw new LdapSyntaxError('an attribute description with characters that none has');
  return text;
}

/** A DN as it was sent; whether it is one is decided where it is used. */
export function dnText(reader: BerReader, tag: number = TAG.octetString): string {
  const text = reader.text(tag);
  if (text.length > LIMITS.dn) throw new OverLimit(`a DN of ${text.length} characters`);
  return text;
}

const OID = /^[0-2](?:\.(?:0|[1-9][0-9]{0,38})){1,31}$/;

export function oid(reader: BerReader, tag: number = TAG.octetString): string {
  const text = reader.text(tag);
  if (!OID.test(text)) throw new LdapSyntaxError('a text that is no OID where one belongs');
  return text;
}

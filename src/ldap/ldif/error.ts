import { LdapError } from '../errors';
import { RESULT } from '../protocol';

/** What is no LDIF of entries, with its line. */
export class LdifError extends LdapError {
  constructor(file: string, line: number, reason: string) {
    super(RESULT.other, `${file}:${line}: ${reason}`, { hint: 'LDIF with whole entries is read (RFC 2849), as ldapsearch -LLL and slapcat write it.' });
  }
}

import { LdapError } from '../errors';
import { RESULT } from '../protocol';

/** What is no LDIF of entries, with its line; line 0: the file cannot be read. */
export class LdifError extends LdapError {
  constructor(file: string, line: number, reason: string) {
    super(RESULT.other, `${line === 0 ? file : `${file}:${line}`}: ${reason}`, { hint: 'LDIF with whole entries is read (RFC 2849), as ldapsearch -LLL and slapcat write it.' });
  }
}

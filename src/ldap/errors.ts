import { EtasiltaError } from '../errors';
import { RESULT, type ResultCode } from './protocol/result-codes';

/** An operation that the server refuses; the client gets `resultCode` and the message (RFC 4511 section 4.1.9). */
export class LdapError extends EtasiltaError {
  constructor(readonly resultCode: ResultCode, message: string, detail: { hint?: string; cause?: unknown } = {}) {
    super('ldap', message, detail);
  }
}

/**
 * Bytes that are no LDAP message. The session ends with a Notice of Disconnection (RFC 4511 section 4.1.1), as after such
 * bytes nothing says where the next message begins.
 */
export class LdapSyntaxError extends LdapError {
  constructor(message: string) {
    super(RESULT.protocolError, message);
  }
}

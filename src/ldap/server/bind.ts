import { setTimeout as delay } from 'node:timers/promises';
import { LdapError } from '../errors';
import { type BindRequest, RESULT } from '../protocol';
import type { ServerContext } from './context';
import { type Identity, local } from './identity';

/** Who a bind makes of a connection (RFC 4511 section 4.2, RFC 4513 section 5). Throws LdapError. */
export async function bind({ version, name, auth }: BindRequest, context: ServerContext, via: { local: boolean; confidential: boolean }): Promise<Identity> {
  if (version !== 3) throw new LdapError(RESULT.protocolError, `LDAP version ${version}; 3 is spoken here`);
  if ('mechanism' in auth) {
    if (auth.mechanism !== 'EXTERNAL' || !via.local) throw new LdapError(RESULT.authMethodNotSupported, 'that SASL mechanism is not supported here');
    if (auth.credentials !== undefined && auth.credentials.length > 0) throw new LdapError(RESULT.invalidCredentials, 'an identity cannot be asked for');
    return local(context.options.suffix);
  }
  const { simple } = auth;
  if (simple.length === 0) {
    // A name without a password proves nothing, though many programs take it for success (RFC 4513 section 5.1.2).
    if (name !== '') throw new LdapError(RESULT.unwillingToPerform, 'a name without a password');
    return context.anonymous;
  }
  if (!via.confidential) throw new LdapError(RESULT.confidentialityRequired, 'passwords are taken over TLS only');
  const found = context.accounts.find(name);
  if (await context.passwords.check(simple, found?.account.passwordHash) && found) return found.identity;
  await delay(context.limits.failureDelayMs);
  throw new LdapError(RESULT.invalidCredentials, 'wrong name or password');
}

import { hashPassword } from '../fields';
import type { AnyRecord } from '../kind';

const MAX_PASSWORD = 256;

/**
 * Turns a device's `password` into both HA1 values and forgets it: user name and realm are those given beside it, by default
 * the address's name and `realm` or the address's domain. Faults never tell the password.
 */
export function takePassword(given: AnyRecord, address: string, realm: string | undefined, fault: (field: string, reason: string) => void): AnyRecord {
  const { password, ...rest } = given;
  if (password == null) return rest;
  if (typeof password !== 'string' || password === '' || password.length > MAX_PASSWORD) {
    fault('password', `is no text of 1 to ${MAX_PASSWORD} characters`);
    return rest;
  }
  const [name = '', domain = ''] = address.split('@');
  const stated = (typeof given.credentials === 'object' && given.credentials !== null ? given.credentials : {}) as { username?: unknown; realm?: unknown };
  return { ...rest, credentials: hashPassword(String(stated.username ?? name), String(stated.realm ?? realm ?? domain), password) };
}

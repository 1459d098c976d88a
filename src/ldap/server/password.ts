import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { LdapError } from '../errors';
import { RESULT } from '../protocol';

const derive = promisify<string | Buffer, Buffer, number, { N: number; r: number; p: number }, Buffer>(scrypt);
/** About 50 ms and 16 MiB a try (RFC 7914 section 2). */
const COST = { N: 16_384, r: 8, p: 1 };
const SALT_OCTETS = 16;
const KEY_OCTETS = 32;

/** `scrypt:N:r:p:SALT:KEY`, the last two in base64url. */
export const PASSWORD_HASH = /^scrypt:(\d{4,6}):(\d{1,2}):(\d{1,2}):([A-Za-z0-9_-]{16,64}):([A-Za-z0-9_-]{43})$/;

/** Makes what an account's `passwordHash` holds. */
export async function hashAccountPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_OCTETS);
  const key = await derive(password, salt, KEY_OCTETS, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join(':');
}

/** Passwords checked at once, and those that wait: a flood of binds may not take the threads that the databases need. */
const AT_ONCE = 2;
const MAX_WAITING = 64;

/** Checks passwords, a few at a time. */
export class PasswordChecker {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /** Also for an account that there is not, so that both take as long. Throws LdapError `busy`. */
  async check(password: Buffer, hash: string | undefined): Promise<boolean> {
    if (this.running >= AT_ONCE) {
      if (this.waiting.length >= MAX_WAITING) throw new LdapError(RESULT.busy, 'too many binds at once');
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    this.running++;
    try {
      const [, n, r, p, salt = '', key = ''] = PASSWORD_HASH.exec(hash ?? '') ?? [];
      const cost = n === undefined ? COST : { N: Number(n), r: Number(r), p: Number(p) };
      const derived = await derive(password, Buffer.from(salt, 'base64url'), KEY_OCTETS, cost);
      const wanted = Buffer.from(key, 'base64url');
      return wanted.length === derived.length && timingSafeEqual(wanted, derived);
    } finally {
      this.running--;
      this.waiting.shift()?.();
    }
  }
}

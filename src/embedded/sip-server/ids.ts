import { randomBytes, randomUUID } from 'node:crypto';

/** Unguessable names; tests inject a counting source. */
export interface IdSource {
  /** Letters and digits, for tags and branches (RFC 3261 sections 8.1.1.7 and 19.3). */
  token(): string;
  uuid(): string;
  /** A name that no other thing of this process has, in the shape of a UUID; it can be guessed. */
  serial(): string;
  /** The first CSeq of a dialog; below 2**31 (RFC 3261 section 8.1.1.5). */
  sequence(): number;
}

const TOKEN_BYTES = 9;
const POOL_BYTES = TOKEN_BYTES * 512;

/** Tokens of 72 random bits from a pool, because one system call a token is what costs. */
class RandomIds implements IdSource {
  private pool = '';
  private used = 0;
  private readonly serialPrefix = randomUUID().slice(0, 24);
  private serials = 0;

  token(): string {
    if (this.used >= this.pool.length) {
      this.pool = randomBytes(POOL_BYTES).toString('hex');
      this.used = 0;
    }
    const token = this.pool.slice(this.used, this.used + TOKEN_BYTES * 2);
    this.used += TOKEN_BYTES * 2;
    return token;
  }

  uuid(): string {
    return randomUUID();
  }

  serial(): string {
    return this.serialPrefix + (this.serials = (this.serials + 1) % 2 ** 48).toString(16).padStart(12, '0');
  }

  sequence(): number {
    return parseInt(this.token().slice(0, 6), 16) + 1;
  }
}

export const randomIds: IdSource = new RandomIds();

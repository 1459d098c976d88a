import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const STAMP_BYTES = 6;
const SALT_BYTES = 8;
const MAC_BYTES = 16;
const NONCE_BYTES = STAMP_BYTES + SALT_BYTES + MAC_BYTES;
/** How far behind the highest nonce count a request may still arrive, out of order over several connections. */
const WINDOW = 64n;

export interface NonceOptions {
  /** At least 32 random bytes, the same for the whole installation. */
  key: Buffer;
  /** Bound into the signature, so that a nonce for another realm is not ours. */
  realm: string;
  lifetimeMs: number;
  /** Nonces whose counts are remembered; older ones become stale first. */
  capacity: number;
  /** Milliseconds since 1970. */
  now(): number;
}

/** `forged`: not issued by us. `expired`: ours, but too old, or from before we began to count its uses. */
export type NonceState = 'valid' | 'expired' | 'forged';

interface Use {
  issued: number;
  highest: bigint;
  /** Bit n set: count `highest - n` has been used. */
  used: bigint;
}

/**
 * Nonces that need no memory until they are used: time and salt, signed (RFC 7616 section 3.3). They are bound to nothing
 * of the sender, whose address changes behind NAT; a copied one is of no use, because every nonce count is taken once.
 */
export class Nonces {
  private readonly uses = new Map<string, Use>();
  /** Nonces issued up to here may have been used without our remembering it, so they are never valid again. */
  private forgottenUpTo: number;

  constructor(private readonly options: NonceOptions) {
    if (options.key.length < 32) throw new RangeError('the nonce key needs at least 32 bytes');
    // Whatever was used before this start is unknown.
    this.forgottenUpTo = options.now() - 1;
  }

  issue(): string {
    const content = Buffer.alloc(STAMP_BYTES + SALT_BYTES);
    content.writeUIntBE(this.options.now(), 0, STAMP_BYTES);
    randomBytes(SALT_BYTES).copy(content, STAMP_BYTES);
    return Buffer.concat([content, this.mac(content)]).toString('base64url');
  }

  state(nonce: string): NonceState {
    const bytes = Buffer.from(nonce, 'base64url');
    if (bytes.length !== NONCE_BYTES || bytes.toString('base64url') !== nonce) return 'forged';
    const content = bytes.subarray(0, STAMP_BYTES + SALT_BYTES);
    if (!timingSafeEqual(bytes.subarray(STAMP_BYTES + SALT_BYTES), this.mac(content))) return 'forged';
    const issued = content.readUIntBE(0, STAMP_BYTES);
    const age = this.options.now() - issued;
    if (Math.abs(age) > this.options.lifetimeMs) return 'expired';
    return issued <= this.forgottenUpTo && !this.uses.has(nonce) ? 'expired' : 'valid';
  }

  /**
   * Takes one count of a valid nonce, once: false when it was taken before or lies too far behind. To be called only after
   * the digest proved right, so that nobody else's guesses use up counts.
   */
  take(nonce: string, count: number): boolean {
    const value = BigInt(count);
    const use = this.uses.get(nonce) ?? this.remember(nonce);
    if (value > use.highest) {
      const shift = value - use.highest;
      use.used = shift >= WINDOW ? 1n : BigInt.asUintN(Number(WINDOW), (use.used << shift) | 1n);
      use.highest = value;
      return true;
    }
    const behind = use.highest - value;
    if (value < 1n || behind >= WINDOW || (use.used >> behind) & 1n) return false;
    use.used |= 1n << behind;
    return true;
  }

  private remember(nonce: string): Use {
    const issued = Buffer.from(nonce, 'base64url').readUIntBE(0, STAMP_BYTES);
    for (const [oldest, { issued: then }] of this.uses) {
      const expired = this.options.now() - then > this.options.lifetimeMs;
      if (!expired && this.uses.size < this.options.capacity) break;
      this.uses.delete(oldest);
      if (!expired) this.forgottenUpTo = Math.max(this.forgottenUpTo, then);
    }
    const use = { issued, highest: 0n, used: 0n };
    this.uses.set(nonce, use);
    return use;
  }

  private mac(content: Buffer): Buffer {
    return createHmac('sha256', this.options.key).update(this.options.realm).update('\0').update(content).digest().subarray(0, MAC_BYTES);
  }
}

import { randomBytes } from 'node:crypto';

/** A request to the system for some octets costs as much as one for a whole pool. */
const POOL_OCTETS = 4_096;
let pool = Buffer.alloc(0);

/** Random octets for identifiers and draws, as good as those of `crypto.randomBytes`; keys are not to be made of them, because the pool stays in memory. */
export function randomOctets(count: number): Buffer {
  if (count > pool.length) pool = randomBytes(Math.max(count, POOL_OCTETS));
  const octets = pool.subarray(0, count);
  pool = pool.subarray(count);
  return octets;
}

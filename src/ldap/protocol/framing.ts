import { readLength, TAG } from '../ber';
import { LdapSyntaxError } from '../errors';

const NONE = Buffer.alloc(0);

/**
 * Cuts a stream of octets into LDAP messages. A message longer than the limit is refused at its length, before its content is
 * waited for; what is kept is never more than twice the part of one message that has come.
 */
export class MessageFramer {
  private kept = NONE;
  private keptLength = 0;
  /** How long the message under way is; 0: its header is not all there. */
  private wanted = 0;

  /** Octets of a message that is not all there. */
  get buffered(): number {
    return this.keptLength;
  }

  /** The messages that these octets complete; `limit` is asked before each. Throws LdapSyntaxError where they are none. */
  *push(chunk: Buffer, limit: () => number): Generator<Buffer> {
    const bytes = this.keptLength === 0 ? chunk : this.keep(chunk);
    if (bytes.length < this.wanted) return;
    let at = 0;
    for (;;) {
      const length = messageLength(bytes, at, limit());
      this.wanted = length ?? 0;
      if (length === undefined || at + length > bytes.length) break;
      yield bytes.subarray(at, at + length);
      at += length;
    }
    if (at === 0 && bytes !== chunk) return;
    this.kept = NONE;
    this.keptLength = 0;
    if (at < bytes.length) this.keep(bytes.subarray(at));
  }

  /** Copies octets to what is kept; returns all of it. */
  private keep(octets: Buffer): Buffer {
    const length = this.keptLength + octets.length;
    if (length > this.kept.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, Math.min(2 * this.kept.length, this.wanted)));
      this.kept.copy(larger, 0, 0, this.keptLength);
      this.kept = larger;
    }
    octets.copy(this.kept, this.keptLength);
    this.keptLength = length;
    return this.kept.subarray(0, length);
  }
}

/** Length of the message at `at` with its header; undefined: its header is not all there. */
function messageLength(bytes: Buffer, at: number, limit: number): number | undefined {
  if (at >= bytes.length) return undefined;
  if (bytes[at] !== TAG.sequence) throw new LdapSyntaxError('octets that begin no LDAP message');
  const header = readLength(bytes, at + 1, bytes.length);
  if (header === undefined) return undefined;
  const length = header.at - at + header.length;
  if (length > limit) throw new LdapSyntaxError(`a message of ${length} octets; at most ${limit} are taken`);
  return length;
}

import { Reader, uint } from './reader';

export interface HandshakeMessage {
  type: number;
  sequence: number;
  /** Of the record that brought it; 1 is authenticated. */
  epoch: number;
  body: Buffer;
}

/** A certificate chain is the longest message there is. */
const MAX_MESSAGE_BYTES = 16_384;
/** Messages of one flight that may be waiting for an earlier one. */
const MAX_AHEAD = 8;

interface Partial {
  type: number;
  epoch: number;
  body: Buffer;
  received: Uint8Array;
  missing: number;
}

interface Fragment {
  type: number;
  epoch: number;
  length: number;
  sequence: number;
  offset: number;
  fragment: Buffer;
}

/** Header and body of a message in one piece, as it is sent and as it enters the transcript (RFC 6347 section 4.2.6). */
export function writeHandshake({ type, sequence, body }: Pick<HandshakeMessage, 'type' | 'sequence' | 'body'>): Buffer {
  return Buffer.concat([uint(type, 1), uint(body.length, 3), uint(sequence, 2), uint(0, 3), uint(body.length, 3), body]);
}

/** Puts fragments together and messages in order (RFC 6347 sections 4.2.2 and 4.2.3), within bounds. */
export class Reassembly {
  private next = 0;
  private readonly partials = new Map<number, Partial>();

  /** Adds one handshake record; returns the messages that are complete and next, and whether it repeated an old one. */
  add(record: Buffer, epoch: number): { messages: HandshakeMessage[]; repeated: boolean } {
    const reader = new Reader(record);
    let repeated = false;
    while (!reader.isAtEnd) {
      const [type, length, sequence, offset] = [reader.uint(1), reader.uint(3), reader.uint(2), reader.uint(3)];
      const fragment = reader.vector(3);
      if (sequence < this.next) repeated = true;
      else if (length <= MAX_MESSAGE_BYTES && offset + fragment.length <= length && sequence < this.next + MAX_AHEAD) {
        this.addFragment({ type, epoch, length, sequence, offset, fragment });
      }
    }
    return { messages: this.complete(), repeated };
  }

  private addFragment({ type, epoch, length, sequence, offset, fragment }: Fragment): void {
    let partial = this.partials.get(sequence);
    // What is authenticated takes the place of what is not.
    if (partial === undefined || partial.epoch < epoch) {
      this.partials.set(sequence, (partial = { type, epoch, body: Buffer.alloc(length), received: new Uint8Array(length), missing: length }));
    }
    if (partial.epoch > epoch || partial.type !== type || partial.body.length !== length) return;
    fragment.copy(partial.body, offset);
    for (let at = offset; at < offset + fragment.length; at++) {
      if (partial.received[at] === 0) {
        partial.received[at] = 1;
        partial.missing--;
      }
    }
  }

  private complete(): HandshakeMessage[] {
    const messages: HandshakeMessage[] = [];
    for (let partial = this.partials.get(this.next); partial?.missing === 0; partial = this.partials.get(this.next)) {
      messages.push({ type: partial.type, sequence: this.next, epoch: partial.epoch, body: partial.body });
      this.partials.delete(this.next++);
    }
    return messages;
  }
}

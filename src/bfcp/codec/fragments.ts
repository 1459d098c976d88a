import { BfcpError } from '../errors';
import { decodeHeader, HEADER_LENGTH, MAX_MESSAGE, type RawHeader } from './codec';

const FRAGMENT_HEADER_LENGTH = 16;
const FRAGMENT_FLAG = 0x08;
/** Messages of one peer being put together at a time. */
const MAX_INCOMPLETE = 8;

/** Datagrams of at most `mtu` octets each that make up the message (RFC 8855 section 6.2.3). */
export function fragment(message: Buffer, mtu: number): Buffer[] {
  if (message.length <= mtu) return [message];
  const room = (mtu - FRAGMENT_HEADER_LENGTH) & ~3;
  if (room < 4) throw new BfcpError('bfcp-value', `${mtu} octets are too few for a fragment`);
  const payload = message.subarray(HEADER_LENGTH);
  return Array.from({ length: Math.ceil(payload.length / room) }, (_, index) => {
    const part = payload.subarray(index * room, (index + 1) * room);
    const header = Buffer.alloc(FRAGMENT_HEADER_LENGTH);
    message.copy(header, 0, 0, HEADER_LENGTH);
    header[0]! |= FRAGMENT_FLAG;
    header.writeUInt16BE((index * room) / 4, 12);
    header.writeUInt16BE(part.length / 4, 14);
    return Buffer.concat([header, part]);
  });
}

interface Incomplete {
  message: Buffer;
  /** Received parts of the payload, in order and not overlapping. */
  parts: { offset: number; length: number }[];
  until: number;
}

/** Puts one peer's fragments together again, in any order and doubled; what stays incomplete is forgotten after a while. */
export class Reassembly {
  private readonly incomplete = new Map<string, Incomplete>();

  /** `patience`: milliseconds that a message may take; `now` in milliseconds. */
  constructor(private readonly patience: number, private readonly now: () => number) {}

  /** The whole message that this datagram is or completes. Pieces that do not fit are dropped. */
  add(datagram: Buffer): Buffer | undefined {
    const header = decodeHeader(datagram);
    if (!header?.fragment) return datagram;
    const { offset, length } = header.fragment;
    const fits = length > 0 && datagram.length - header.length === length && offset + length <= header.payloadLength && HEADER_LENGTH + header.payloadLength <= MAX_MESSAGE;
    if (!fits) return undefined;
    const key = `${header.responder} ${header.primitive} ${header.conferenceId} ${header.transactionId} ${header.userId} ${header.payloadLength}`;
    const entry = this.entry(key, datagram, header);
    const overlapping = entry.parts.some((part) => offset < part.offset + part.length && part.offset < offset + length);
    if (overlapping) return undefined;
    datagram.copy(entry.message, HEADER_LENGTH + offset, header.length);
    entry.parts.push({ offset, length });
    if (entry.parts.reduce((sum, part) => sum + part.length, 0) < header.payloadLength) return undefined;
    this.incomplete.delete(key);
    return entry.message;
  }

  private entry(key: string, datagram: Buffer, header: RawHeader): Incomplete {
    const now = this.now();
    for (const [old, { until }] of this.incomplete) if (until <= now) this.incomplete.delete(old);
    const known = this.incomplete.get(key);
    if (known) return known;
    // The oldest gives way: a flood of first fragments costs its sender's messages only.
    if (this.incomplete.size >= MAX_INCOMPLETE) this.incomplete.delete(this.incomplete.keys().next().value!);
    const message = Buffer.alloc(HEADER_LENGTH + header.payloadLength);
    datagram.copy(message, 0, 0, HEADER_LENGTH);
    message[0]! &= ~FRAGMENT_FLAG;
    const entry: Incomplete = { message, parts: [], until: now + this.patience };
    this.incomplete.set(key, entry);
    return entry;
  }
}

import { BfcpError } from '../errors';
import { decodeFields, encodeFields } from './attribute';
import { BfcpDecodeError } from './decode-error';
import { GRAMMAR } from './grammar';
import type { BfcpMessage, Header } from './message';
import { ERROR_CODES, PRIMITIVES, PRIMITIVE_NAMES } from './names';

/** COMMON-HEADER without the fragment's fields, octets. */
export const HEADER_LENGTH = 12;
/** Octets of the greatest message that is read or written; a FloorStatus of 60 full requests fits. */
export const MAX_MESSAGE = 16_384;

const FRAGMENT_FLAG = 0x08;
const RESPONDER_FLAG = 0x10;

/** The COMMON-HEADER as it stands at the start of a message or fragment. */
export interface RawHeader extends Header {
  primitive: number;
  /** Octets after the header, of the whole message where this is a fragment. */
  payloadLength: number;
  /** Octets from the start of the payload, and octets in this fragment. */
  fragment?: { offset: number; length: number };
  /** Octets of the header itself: 12, and 16 of a fragment. */
  length: number;
}

/** A whole message (RFC 8855 section 5); BfcpError `bfcp-value` where something does not fit. */
export function encodeMessage(message: BfcpMessage): Buffer {
  const payload = encodeFields(GRAMMAR[message.primitive], message as unknown as Record<string, unknown>);
  if (HEADER_LENGTH + payload.length > MAX_MESSAGE) throw new BfcpError('bfcp-value', `${message.primitive} has ${payload.length} octets, more than ${MAX_MESSAGE - HEADER_LENGTH}`);
  for (const [field, greatest] of [['conferenceId', 0xffff_ffff], ['transactionId', 0xffff], ['userId', 0xffff]] as const) {
    const value = message[field];
    if (!Number.isInteger(value) || value < 0 || value > greatest) throw new BfcpError('bfcp-value', `${field} cannot be ${value}`);
  }
  const header = Buffer.alloc(HEADER_LENGTH);
  header[0] = (message.version << 5) | (message.responder ? RESPONDER_FLAG : 0);
  header[1] = PRIMITIVES[message.primitive];
  header.writeUInt16BE(payload.length / 4, 2);
  header.writeUInt32BE(message.conferenceId, 4);
  header.writeUInt16BE(message.transactionId, 8);
  header.writeUInt16BE(message.userId, 10);
  return Buffer.concat([header, payload]);
}

/** The header alone; undefined where there are not octets enough. Fails on versions that are not known. */
export function decodeHeader(octets: Buffer): RawHeader | undefined {
  if (octets.length < HEADER_LENGTH) return undefined;
  const fragmented = (octets[0]! & FRAGMENT_FLAG) !== 0;
  if (fragmented && octets.length < HEADER_LENGTH + 4) return undefined;
  const version = octets[0]! >> 5;
  const header: Header = {
    version: version === 2 ? 2 : 1,
    responder: (octets[0]! & RESPONDER_FLAG) !== 0,
    conferenceId: octets.readUInt32BE(4), transactionId: octets.readUInt16BE(8), userId: octets.readUInt16BE(10),
  };
  if (version !== 1 && version !== 2) throw new BfcpDecodeError(`BFCP version ${version} is not known`, ERROR_CODES.unsupportedVersion, undefined, header);
  return {
    ...header,
    primitive: octets[1]!, payloadLength: octets.readUInt16BE(2) * 4,
    ...(fragmented && { fragment: { offset: octets.readUInt16BE(12) * 4, length: octets.readUInt16BE(14) * 4 } }),
    length: fragmented ? HEADER_LENGTH + 4 : HEADER_LENGTH,
  };
}

/**
 * Reads a whole message, put together where it came in fragments. Fails with a BfcpDecodeError that says what its sender is
 * to be told.
 */
export function decodeMessage(octets: Buffer): BfcpMessage {
  const raw = decodeHeader(octets);
  if (!raw) throw new BfcpDecodeError(`${octets.length} octets are too few for a BFCP header`);
  const { version, responder, conferenceId, transactionId, userId } = raw;
  const header: Header = { version, responder, conferenceId, transactionId, userId };
  const primitive = PRIMITIVE_NAMES.get(raw.primitive);
  if (raw.fragment) throw new BfcpDecodeError('A fragment is no message', undefined, undefined, header);
  if (octets.length > MAX_MESSAGE || raw.payloadLength !== octets.length - HEADER_LENGTH) {
    throw new BfcpDecodeError(`BFCP message says ${raw.payloadLength} octets and has ${octets.length - HEADER_LENGTH}`, ERROR_CODES.incorrectMessageLength, undefined, header);
  }
  if (primitive === undefined) throw new BfcpDecodeError(`BFCP primitive ${raw.primitive} is not known`, ERROR_CODES.unknownPrimitive, undefined, header);
  try {
    return { ...header, primitive, ...decodeFields(GRAMMAR[primitive], octets.subarray(HEADER_LENGTH), primitive) } as BfcpMessage;
  } catch (error) {
    if (error instanceof BfcpDecodeError) throw new BfcpDecodeError(error.message, error.errorCode, error.details, header);
    throw error;
  }
}

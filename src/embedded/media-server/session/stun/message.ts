import { createHmac, timingSafeEqual } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { crc32 } from './crc32';

/** Binding is the only method that ICE uses (RFC 8489 section 3). */
export type StunClass = 'request' | 'indication' | 'success' | 'error';

export interface StunMessage {
  class: StunClass;
  /** 12 bytes. */
  transactionId: Buffer;
  username: string | undefined;
  priority: number | undefined;
  useCandidate: boolean;
  /** Tie-breaker of an agent that thinks it controls, or is controlled; 8 bytes. */
  controlling: Buffer | undefined;
  controlled: Buffer | undefined;
  errorCode: number | undefined;
  /** Where MESSAGE-INTEGRITY begins; undefined where it is missing. */
  integrityAt: number | undefined;
  /** Undefined where it is missing. */
  fingerprintFits: boolean | undefined;
}

const MAGIC_COOKIE = 0x2112a442;
const HEADER_BYTES = 20;
const CLASSES: Readonly<Record<number, StunClass>> = { 0x0001: 'request', 0x0011: 'indication', 0x0101: 'success', 0x0111: 'error' };
const TYPES: Readonly<Record<StunClass, number>> = { request: 0x0001, indication: 0x0011, success: 0x0101, error: 0x0111 };
const FINGERPRINT_XOR = 0x5354554e;
const INTEGRITY_BYTES = 24;
const MAX_BYTES = 1_280;

const ATTRIBUTE = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
  iceControlling: 0x802a,
} as const;

/** Attributes below 0x8000 that change nothing for us; any other unknown one there makes the message unusable. */
const HARMLESS = new Set<number>([ATTRIBUTE.xorMappedAddress, 0x0001, 0x0014, 0x0015, 0x001c]);

/** Reads a Binding message (RFC 8489 section 5, RFC 8445 section 16); undefined where it is none or does not fit its lengths. */
export function parseStun(bytes: Buffer): StunMessage | undefined {
  if (bytes.length < HEADER_BYTES || bytes.length > MAX_BYTES || bytes.readUInt32BE(4) !== MAGIC_COOKIE) return undefined;
  const kind = CLASSES[bytes.readUInt16BE(0)];
  if (kind === undefined || bytes.readUInt16BE(2) !== bytes.length - HEADER_BYTES || bytes.length % 4 !== 0) return undefined;
  const message: StunMessage = { class: kind, transactionId: bytes.subarray(8, 20), username: undefined, priority: undefined, useCandidate: false,
    controlling: undefined, controlled: undefined, errorCode: undefined, integrityAt: undefined, fingerprintFits: undefined };
  for (let at = HEADER_BYTES; at < bytes.length;) {
    if (at + 4 > bytes.length) return undefined;
    const type = bytes.readUInt16BE(at);
    const length = bytes.readUInt16BE(at + 2);
    const value = bytes.subarray(at + 4, at + 4 + length);
    if (value.length !== length || !readAttribute(message, type, value, bytes, at)) return undefined;
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return message;
}

/** False for an attribute that makes the message unusable. What follows MESSAGE-INTEGRITY is not protected and passes by. */
function readAttribute(message: StunMessage, type: number, value: Buffer, bytes: Buffer, at: number): boolean {
  if (type === ATTRIBUTE.fingerprint) {
    if (value.length !== 4 || at + 8 !== bytes.length) return false;
    message.fingerprintFits = value.readUInt32BE(0) === ((crc32(bytes.subarray(0, at)) ^ FINGERPRINT_XOR) >>> 0);
    return message.fingerprintFits;
  }
  if (message.integrityAt !== undefined) return true;
  switch (type) {
    case ATTRIBUTE.username:
      message.username = value.toString('utf8');
      return value.length <= 513;
    case ATTRIBUTE.messageIntegrity:
      message.integrityAt = at;
      return value.length === 20;
    case ATTRIBUTE.errorCode:
      if (value.length < 4) return false;
      message.errorCode = (value[2]! & 7) * 100 + value[3]!;
      return true;
    case ATTRIBUTE.priority:
      if (value.length !== 4) return false;
      message.priority = value.readUInt32BE(0);
      return true;
    case ATTRIBUTE.useCandidate:
      message.useCandidate = true;
      return true;
    case ATTRIBUTE.iceControlling:
      message.controlling = value;
      return value.length === 8;
    case ATTRIBUTE.iceControlled:
      message.controlled = value;
      return value.length === 8;
    default:
      return type >= 0x8000 || HARMLESS.has(type);
  }
}

/** Whether MESSAGE-INTEGRITY was made with this password (short-term credentials, RFC 8489 section 14.5). */
export function hasIntegrity(bytes: Buffer, message: StunMessage, password: string): boolean {
  const { integrityAt } = message;
  if (integrityAt === undefined) return false;
  const covered = Buffer.from(bytes.subarray(0, integrityAt));
  covered.writeUInt16BE(integrityAt + INTEGRITY_BYTES - HEADER_BYTES, 2);
  const expected = createHmac('sha1', password).update(covered).digest();
  return timingSafeEqual(expected, bytes.subarray(integrityAt + 4, integrityAt + INTEGRITY_BYTES));
}

export interface BindingRequest {
  transactionId: Buffer;
  username: string;
  priority: number;
  useCandidate: boolean;
  role: 'controlling' | 'controlled';
  tieBreaker: Buffer;
}

/** A connectivity check (RFC 8445 section 7.1). */
export function writeRequest(request: BindingRequest, password: string): Buffer {
  const priority = Buffer.alloc(4);
  priority.writeUInt32BE(request.priority);
  return writeMessage('request', request.transactionId, [
    attribute(ATTRIBUTE.username, Buffer.from(request.username, 'utf8')),
    attribute(ATTRIBUTE.priority, priority),
    attribute(request.role === 'controlling' ? ATTRIBUTE.iceControlling : ATTRIBUTE.iceControlled, request.tieBreaker),
    ...(request.useCandidate ? [attribute(ATTRIBUTE.useCandidate, Buffer.alloc(0))] : []),
  ], password);
}

export function writeSuccess(transactionId: Buffer, host: string, port: number, password: string): Buffer {
  return writeMessage('success', transactionId, [attribute(ATTRIBUTE.xorMappedAddress, xorAddress(host, port, transactionId))], password);
}

export function writeError(transactionId: Buffer, code: number, reason: string, password: string): Buffer {
  const head = Buffer.from([0, 0, Math.floor(code / 100), code % 100]);
  return writeMessage('error', transactionId, [attribute(ATTRIBUTE.errorCode, Buffer.concat([head, Buffer.from(reason)]))], password);
}

function writeMessage(kind: StunClass, transactionId: Buffer, attributes: readonly Buffer[], password: string): Buffer {
  const body = Buffer.concat(attributes);
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeUInt16BE(TYPES[kind], 0);
  head.writeUInt32BE(MAGIC_COOKIE, 4);
  transactionId.copy(head, 8);
  head.writeUInt16BE(body.length + INTEGRITY_BYTES, 2);
  const integrity = createHmac('sha1', password).update(head).update(body).digest();
  head.writeUInt16BE(body.length + INTEGRITY_BYTES + 8, 2);
  const message = Buffer.concat([head, body, attribute(ATTRIBUTE.messageIntegrity, integrity)]);
  const fingerprint = Buffer.alloc(4);
  fingerprint.writeUInt32BE((crc32(message) ^ FINGERPRINT_XOR) >>> 0);
  return Buffer.concat([message, attribute(ATTRIBUTE.fingerprint, fingerprint)]);
}

function attribute(type: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(value.length, 2);
  value.copy(bytes, 4);
  return bytes;
}

/** RFC 8489 section 14.2. */
function xorAddress(host: string, port: number, transactionId: Buffer): Buffer {
  const isV4 = isIPv4(host);
  const address = isV4 ? Buffer.from(host.split('.').map(Number)) : ipv6Bytes(host);
  const mask = Buffer.concat([Buffer.from([0x21, 0x12, 0xa4, 0x42]), transactionId]);
  const bytes = Buffer.alloc(4 + address.length);
  bytes[1] = isV4 ? 1 : 2;
  bytes.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 2);
  for (let at = 0; at < address.length; at++) bytes[4 + at] = address[at]! ^ mask[at]!;
  return bytes;
}

function ipv6Bytes(host: string): Buffer {
  const [head = '', tail] = host.split('%')[0]!.split('::');
  const groups = (text: string): number[] => (text === '' ? [] : text.split(':')).flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a, b, c, d] = group.split('.').map(Number);
    return [(a! << 8) | b!, (c! << 8) | d!];
  });
  const [front, back] = [groups(head), tail === undefined ? [] : groups(tail)];
  const all = tail === undefined ? front : [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
  const bytes = Buffer.alloc(16);
  all.forEach((group, index) => bytes.writeUInt16BE(group, index * 2));
  return bytes;
}

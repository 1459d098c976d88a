import { BfcpError } from '../errors';
import { BfcpDecodeError } from './decode-error';
import { ATTRIBUTES, ERROR_CODES, REQUEST_STATUSES, REQUEST_STATUS_NAMES } from './names';
import type { RequestStatus } from './message';

export type AttributeName = keyof typeof ATTRIBUTES;

/** How the contents of one attribute are written and read. */
export interface Attribute {
  name: AttributeName;
  encode(value: unknown): Buffer;
  decode(contents: Buffer): unknown;
}

/** Where an attribute stands in its message or group. */
export interface Field {
  key: string;
  attribute: Attribute;
  /** How many there must be at least. */
  least: 0 | 1;
  /** The key holds a list. */
  list: boolean;
}

export const one = (key: string, attribute: Attribute): Field => ({ key, attribute, least: 1, list: false });
export const optional = (key: string, attribute: Attribute): Field => ({ key, attribute, least: 0, list: false });
export const any = (key: string, attribute: Attribute): Field => ({ key, attribute, least: 0, list: true });
export const oneOrMore = (key: string, attribute: Attribute): Field => ({ key, attribute, least: 1, list: true });

const HEADER_LENGTH = 2;
const MAX_LENGTH = 255;
/** A message of the greatest size that is read (`MAX_MESSAGE`) full of the shortest attributes has more; nobody means it. */
const MAX_ATTRIBUTES = 1024;

function attribute<T>(name: AttributeName, encode: (value: T) => Buffer, decode: (contents: Buffer) => T): Attribute {
  return { name, encode: encode as (value: unknown) => Buffer, decode };
}

export function unsigned16(name: AttributeName): Attribute {
  return attribute<number>(name, (value) => uint16(name, value), (contents) => readUint16(name, contents));
}

export function text(name: AttributeName): Attribute {
  return attribute<string>(name, (value) => Buffer.from(value, 'utf8'), (contents) => contents.toString('utf8'));
}

/** 3 bits of priority, 13 reserved. */
export const PRIORITY = attribute<number>('PRIORITY', (value) => {
  check(Number.isInteger(value) && value >= 0 && value <= 7, 'PRIORITY', value);
  return Buffer.from([value << 5, 0]);
}, (contents) => readUint16('PRIORITY', contents) >> 13);

export const REQUEST_STATUS = attribute<RequestStatus>('REQUEST-STATUS', ({ status, queuePosition }) => {
  check(Number.isInteger(queuePosition) && queuePosition >= 0 && queuePosition <= 255, 'REQUEST-STATUS', queuePosition);
  return Buffer.from([REQUEST_STATUSES[status], queuePosition]);
}, (contents) => {
  const number = readUint16('REQUEST-STATUS', contents) >> 8;
  const status = REQUEST_STATUS_NAMES.get(number);
  if (status === undefined) throw new BfcpDecodeError(`REQUEST-STATUS has status ${number}, which RFC 8855 does not know`);
  return { status, queuePosition: contents[1]! };
});

export const ERROR_CODE = attribute<{ code: number; details?: Buffer }>('ERROR-CODE', ({ code, details }) => {
  check(Number.isInteger(code) && code >= 0 && code <= 255, 'ERROR-CODE', code);
  return Buffer.concat([Buffer.from([code]), details ?? Buffer.alloc(0)]);
}, (contents) => {
  if (contents.length < 1) throw new BfcpDecodeError('ERROR-CODE is empty');
  return { code: contents[0]!, ...(contents.length > 1 && { details: Buffer.from(contents.subarray(1)) }) };
});

/** 7 bits of attribute type, one reserved. */
export const SUPPORTED_ATTRIBUTES = attribute<number[]>('SUPPORTED-ATTRIBUTES', (types) => Buffer.from(types.map((type) => type << 1)), (contents) => [...contents].map((octet) => octet >> 1));
export const SUPPORTED_PRIMITIVES = attribute<number[]>('SUPPORTED-PRIMITIVES', (primitives) => Buffer.from(primitives), (contents) => [...contents]);

/** A grouped attribute: an identifier and further attributes (RFC 8855 section 5.2.14 and on). */
export function grouped(name: AttributeName, idKey: string, fields: readonly Field[]): Attribute {
  return attribute<Record<string, unknown>>(name, (value) => Buffer.concat([uint16(name, value[idKey] as number), encodeFields(fields, value)]), (contents) => {
    if (contents.length < 2) throw new BfcpDecodeError(`${name} is too short for its identifier`);
    return { [idKey]: contents.readUInt16BE(0), ...decodeFields(fields, contents.subarray(2), name) };
  });
}

/** Attributes in the order of the fields, each padded to four octets. What must be there is marked mandatory (the M bit). */
export function encodeFields(fields: readonly Field[], values: Record<string, unknown>): Buffer {
  return Buffer.concat(fields.flatMap(({ key, attribute: { name, encode }, list, least }) => {
    const value = values[key];
    const all = list ? (value as unknown[]) : value === undefined ? [] : [value];
    if (all.length < least) throw new BfcpError('bfcp-value', `${name} is missing (${key})`);
    return all.map((each) => {
      const contents = encode(each);
      const length = HEADER_LENGTH + contents.length;
      if (length > MAX_LENGTH) throw new BfcpError('bfcp-value', `${name} has ${length} octets, more than the ${MAX_LENGTH} that an attribute can have`);
      const octets = Buffer.alloc(padded(length));
      octets[0] = (ATTRIBUTES[name] << 1) | least;
      octets[1] = length;
      contents.copy(octets, HEADER_LENGTH);
      return octets;
    });
  }));
}

/**
 * Reads attributes in whatever order they come; those that are not known are skipped unless they are marked mandatory.
 * `where` names the group or message in errors.
 */
export function decodeFields(fields: readonly Field[], octets: Buffer, where: string): Record<string, unknown> {
  const values: Record<string, unknown> = Object.fromEntries(fields.filter(({ list }) => list).map(({ key }) => [key, []]));
  const unknown: number[] = [];
  let count = 0;
  for (let at = 0; at < octets.length;) {
    const length = octets[at + 1] ?? 0;
    if (length < HEADER_LENGTH || at + length > octets.length) throw new BfcpDecodeError(`${where} has an attribute whose length of ${length} cannot be`);
    if (++count > MAX_ATTRIBUTES) throw new BfcpDecodeError(`${where} has more than ${MAX_ATTRIBUTES} attributes`);
    const type = octets[at]! >> 1;
    const field = fields.find(({ attribute: { name } }) => ATTRIBUTES[name] === type);
    if (field) {
      const value = field.attribute.decode(octets.subarray(at + HEADER_LENGTH, at + length));
      if (field.list) (values[field.key] as unknown[]).push(value);
      else if (values[field.key] === undefined) values[field.key] = value;
      else throw new BfcpDecodeError(`${where} has ${field.attribute.name} twice`);
    } else if ((octets[at]! & 1) === 1) {
      unknown.push(type);
    }
    at += padded(length);
  }
  if (unknown.length > 0) {
    // RFC 8855 section 5.2.6.1: the types, each above a reserved bit.
    throw new BfcpDecodeError(`${where} has mandatory attributes that are not known here: ${[...new Set(unknown)].join(', ')}`, ERROR_CODES.unknownMandatoryAttribute, Buffer.from([...new Set(unknown)].map((type) => type << 1)));
  }
  const missing = fields.find(({ key, least, list }) => least > 0 && (list ? (values[key] as unknown[]).length === 0 : values[key] === undefined));
  if (missing) throw new BfcpDecodeError(`${where} lacks ${missing.attribute.name}`);
  return values;
}

const padded = (length: number): number => (length + 3) & ~3;

function uint16(name: AttributeName, value: number): Buffer {
  check(Number.isInteger(value) && value >= 0 && value <= 0xffff, name, value);
  return Buffer.from([value >> 8, value & 0xff]);
}

function readUint16(name: AttributeName, contents: Buffer): number {
  if (contents.length !== 2) throw new BfcpDecodeError(`${name} has ${contents.length} octets instead of 2`);
  return contents.readUInt16BE(0);
}

function check(fits: boolean, name: AttributeName, value: unknown): void {
  if (!fits) throw new BfcpError('bfcp-value', `${name} cannot hold ${String(value)}`);
}

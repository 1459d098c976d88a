import {
  bearerCapability, cause, fitting, number, octets, oneOctet, presentedNumber, progress, redirectingNumber, sevenBits, text, userUser,
  type BearerCapability, type Cause, type Number, type PresentedNumber, type Progress, type RedirectingNumber, type UserUser,
} from './elements';
import { Q931Error } from './errors';

/** Message types of Q.931 section 4.4 that H.225.0 uses. */
export const MESSAGE_TYPES = {
  alerting: 0x01, callProceeding: 0x02, progress: 0x03, setup: 0x05, connect: 0x07, setupAcknowledge: 0x0d, connectAcknowledge: 0x0f,
  userInformation: 0x20, disconnect: 0x45, release: 0x4d, releaseComplete: 0x5a, facility: 0x62, notify: 0x6e, statusInquiry: 0x75,
  information: 0x7b, status: 0x7d,
} as const;

export type MessageType = keyof typeof MESSAGE_TYPES;

/** An information element that has no field of its own, or whose contents could not be read (Q.931 section 5.8.7: taken as absent). */
export interface RawElement {
  codeset: number;
  identifier: number;
  /** Empty for elements of a single octet. */
  contents: Buffer;
}

/** A Q.931 message as H.225.0 section 7 has them. */
export interface Q931Message {
  /** 15 bits. */
  callReference: number;
  /** The call reference flag: sent by the side that did not allocate the call reference. */
  fromDestination: boolean;
  type: MessageType;
  sendingComplete?: true;
  bearerCapability?: BearerCapability;
  cause?: Cause;
  callState?: number;
  facility?: Buffer;
  progress?: Progress;
  notificationIndicator?: number;
  display?: string;
  keypad?: string;
  signal?: number;
  connectedNumber?: PresentedNumber;
  callingPartyNumber?: PresentedNumber;
  calledPartyNumber?: Number;
  redirectingNumber?: RedirectingNumber;
  userUser?: UserUser;
  others?: RawElement[];
}

/** In ascending order of their identifiers, in which they are written. */
const ELEMENTS = {
  bearerCapability: { identifier: 0x04, codec: bearerCapability },
  cause: { identifier: 0x08, codec: cause },
  callState: { identifier: 0x14, codec: oneOctet },
  facility: { identifier: 0x1c, codec: octets },
  progress: { identifier: 0x1e, codec: progress },
  notificationIndicator: { identifier: 0x27, codec: sevenBits },
  display: { identifier: 0x28, codec: text },
  keypad: { identifier: 0x2c, codec: text },
  signal: { identifier: 0x34, codec: oneOctet },
  connectedNumber: { identifier: 0x4c, codec: presentedNumber },
  callingPartyNumber: { identifier: 0x6c, codec: presentedNumber },
  calledPartyNumber: { identifier: 0x70, codec: number },
  redirectingNumber: { identifier: 0x74, codec: redirectingNumber },
  userUser: { identifier: 0x7e, codec: userUser },
} as const;

type ElementName = keyof typeof ELEMENTS;

const NAMES = Object.keys(ELEMENTS) as ElementName[];
const BY_IDENTIFIER = new Map(NAMES.map((name) => [ELEMENTS[name].identifier as number, name]));
const TYPES = new Map(Object.entries(MESSAGE_TYPES).map(([name, type]) => [type as number, name as MessageType]));

const PROTOCOL_DISCRIMINATOR = 8;
/** Octets before the first element. */
const HEADER = 5;
const USER_USER = 0x7e;
const SENDING_COMPLETE = 0xa1;
const SINGLE_OCTET = 0x80;
const SHIFT = 0x90;
/** More than any message has; a hostile one is refused before it costs. */
const MAX_ELEMENTS = 128;

/**
 * Reads a Q.931 message. Contents are views of `message`.
 * @throws Q931Error
 */
export function decodeQ931(message: Buffer): Q931Message {
  if (message.length < HEADER) throw new Q931Error('q931-truncated', `a Q.931 message of ${message.length} octets`);
  if (message[0] !== PROTOCOL_DISCRIMINATOR) throw new Q931Error('q931-invalid', `protocol discriminator ${message[0]} instead of 8`);
  if (message[1] !== 2) throw new Q931Error('q931-invalid', `a call reference of ${message[1]} octets; H.225.0 has two`);
  const type = TYPES.get(message[4]!);
  if (!type) throw new Q931Error('q931-invalid', `message type 0x${message[4]!.toString(16).padStart(2, '0')} is not one of H.225.0`);
  const reference = message.readUInt16BE(2);
  const decoded: Q931Message = { callReference: reference & 0x7fff, fromDestination: reference >= 0x8000, type };
  readElements(message, HEADER, decoded);
  return decoded;
}

function readElements(message: Buffer, from: number, into: Q931Message): void {
  let at = from;
  let locked = 0;
  let codeset = 0;
  for (let count = 0; at < message.length; count++) {
    if (count === MAX_ELEMENTS) throw new Q931Error('q931-invalid', `more than ${MAX_ELEMENTS} information elements`);
    const identifier = message[at++]!;
    if ((identifier & 0xf0) === SHIFT) {
      codeset = identifier & 7;
      // Bit 4 clear: a locking shift (section 4.5.3); otherwise for the next element only (section 4.5.4).
      if ((identifier & 8) === 0) locked = codeset;
      continue;
    }
    if (identifier & SINGLE_OCTET) {
      if (codeset === 0 && identifier === SENDING_COMPLETE) into.sendingComplete = true;
      else keep(into, { codeset, identifier, contents: message.subarray(at, at) });
    } else {
      const lengthOctets = codeset === 0 && identifier === USER_USER ? 2 : 1;
      if (at + lengthOctets > message.length) throw truncated(identifier);
      const length = message.readUIntBE(at, lengthOctets);
      at += lengthOctets;
      if (at + length > message.length) throw truncated(identifier);
      assign(into, { codeset, identifier, contents: message.subarray(at, at + length) });
      at += length;
    }
    codeset = locked;
  }
}

const truncated = (identifier: number): Q931Error =>
  new Q931Error('q931-truncated', `the message ends within information element 0x${identifier.toString(16).padStart(2, '0')}`);

function keep(into: Q931Message, element: RawElement): void {
  (into.others ??= []).push(element);
}

function assign(into: Q931Message, element: RawElement): void {
  const name = element.codeset === 0 ? BY_IDENTIFIER.get(element.identifier) : undefined;
  if (name === undefined || into[name] !== undefined) return keep(into, element);
  try {
    (into as Record<ElementName, unknown>)[name] = ELEMENTS[name].codec.read(element.contents);
  } catch (fault) {
    if (!(fault instanceof RangeError)) throw fault;
    keep(into, element);
  }
}

/**
 * Writes a Q.931 message, its elements in ascending order of their identifiers (section 4.5.1).
 * @throws Q931Error
 */
export function encodeQ931(message: Q931Message): Buffer {
  const reference = fitting(message.callReference, 15, 'call reference') | (message.fromDestination ? 0x8000 : 0);
  const elements = elementsOf(message);
  const octets = Buffer.allocUnsafe(elements.reduce((sum, element) => sum + lengthOf(element), HEADER));
  octets[0] = PROTOCOL_DISCRIMINATOR;
  octets[1] = 2;
  octets.writeUInt16BE(reference, 2);
  octets[4] = MESSAGE_TYPES[message.type];
  let at = HEADER;
  for (const element of elements) at = writeElement(element, octets, at);
  return octets;
}

function elementsOf(message: Q931Message): RawElement[] {
  const elements: RawElement[] = message.sendingComplete ? [{ codeset: 0, identifier: SENDING_COMPLETE, contents: Buffer.alloc(0) }] : [];
  for (const name of NAMES) {
    if (message[name] !== undefined) elements.push({ codeset: 0, identifier: ELEMENTS[name].identifier, contents: ELEMENTS[name].codec.write(message[name] as never) });
  }
  if (!message.others) return elements;
  // Those of a single octet stand first, as Sending complete does in the messages of section 3; the sort is stable.
  const rank = ({ codeset, identifier }: RawElement): number => codeset * 0x200 + (identifier & SINGLE_OCTET ? 0 : 0x100) + identifier;
  return [...elements, ...message.others].sort((a, b) => rank(a) - rank(b));
}

/** The length of a User-user element takes two octets (H.225.0 section 7.2.2.31). */
const isLong = ({ codeset, identifier }: RawElement): boolean => codeset === 0 && identifier === USER_USER;

/** Octets of an element with its shift, identifier and length. */
function lengthOf(element: RawElement): number {
  const shift = element.codeset === 0 ? 0 : 1;
  return shift + 1 + (element.identifier & SINGLE_OCTET ? 0 : (isLong(element) ? 2 : 1) + element.contents.length);
}

/** Writes an element at `at`; where the next one begins. */
function writeElement(element: RawElement, into: Buffer, at: number): number {
  const { codeset, identifier, contents } = element;
  if (codeset !== 0) into[at++] = SHIFT | 8 | fitting(codeset, 3, 'codeset');
  into[at++] = identifier;
  if (identifier & SINGLE_OCTET) return at;
  const long = isLong(element);
  const length = fitting(contents.length, long ? 16 : 8, 'length of an information element');
  if (long) into[at++] = length >> 8;
  into[at++] = length & 0xff;
  into.set(contents, at);
  return at + length;
}

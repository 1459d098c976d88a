import { decode, PerError } from '../per';
import { ASN1_DISCRIMINATOR, decodeQ931, encodeCallSignalling, MESSAGE_TYPES, type MessageType, type Q931Message } from '../q931';
import { h225, type h235 } from '../schemas';
import { Q850 } from './cause';

/** H.225.0 version 7. */
export const PROTOCOL_IDENTIFIER = '0.0.8.2250.0.7';

export type Elements = Omit<Q931Message, 'userUser' | 'callReference' | 'fromDestination' | 'type'>;

interface Header {
  callReference: number;
  fromDestination: boolean;
}

/** A message that was understood. */
export interface SignallingMessage extends Header {
  type: MessageType;
  elements: Elements;
  pdu: h225.H323UUPDU;
}

/** A message of a call that could not be understood, and the cause for that (Q.931 section 5.8). */
export interface FaultyMessage extends Header {
  type: MessageType | undefined;
  fault: number;
  elements: Elements;
}

const KNOWN_TYPES = new Set<number>(Object.values(MESSAGE_TYPES));

/**
 * Reads a call signalling message, the payload of a TPKT packet.
 * @throws Q931Error when it is no message of any call
 */
export function readMessage(octets: Buffer): SignallingMessage | FaultyMessage {
  if (octets.length >= 5 && octets[0] === 8 && octets[1] === 2 && !KNOWN_TYPES.has(octets[4]!)) {
    const reference = octets.readUInt16BE(2);
    return { callReference: reference & 0x7fff, fromDestination: reference >= 0x8000, type: undefined, fault: Q850.messageTypeUnknown, elements: {} };
  }
  const elements = decodeQ931(octets);
  const { userUser, callReference, fromDestination, type } = elements;
  if (userUser?.protocolDiscriminator !== ASN1_DISCRIMINATOR) return { callReference, fromDestination, type, elements, fault: Q850.mandatoryMissing };
  try {
    return { callReference, fromDestination, type, elements, pdu: decode(h225.H323UserInformation, userUser.octets)['h323-uu-pdu'] };
  } catch (error) {
    if (error instanceof PerError) return { callReference, fromDestination, type, elements, fault: Q850.invalidContents };
    throw error;
  }
}

export function writeMessage({ callReference, fromDestination, type, elements, pdu }: SignallingMessage): Buffer {
  return encodeCallSignalling({ q931: { ...elements, callReference, fromDestination, type }, userInformation: { 'h323-uu-pdu': pdu } });
}

type Body = h225.H323UUPDU['h323-message-body'];

/** The fields that most messages share; those that a message does not have are undefined. */
export interface CommonFields {
  protocolIdentifier?: string;
  callIdentifier?: h225.CallIdentifier;
  h245Address?: h225.TransportAddress;
  fastStart?: readonly Buffer[];
  fastConnectRefused?: null;
  destinationInfo?: h225.EndpointType;
  tokens?: readonly h235.ClearToken[];
}

/** What the body of a message holds, whichever it is; `empty` and unknown ones hold nothing. */
export function fieldsOf(body: Body): CommonFields {
  for (const name in body) return (body as Record<string, CommonFields | null>)[name] ?? {};
  return {};
}

/** The version of H.225.0 that a protocol identifier names; 1 when it names none. */
export const versionOf = (protocolIdentifier: string | undefined): number => Number(/^0\.0\.8\.2250\.0\.(\d{1,3})$/.exec(protocolIdentifier ?? '')?.[1] ?? 1);

/** A Display element: at most 82 octets (H.225.0 table 4), characters beyond Latin-1 as question marks. */
export const displayOf = (name: string): string => name.slice(0, 82).replace(/[^\0-\xff]/g, '?');

/** A Display element as text: some endpoints end it with a NUL, as C does. */
export const textOf = (display: string): string => display.replace(/\0+$/, '');

import { decode, encode, type DecodeLimits } from '../per';
import { h225, h245 } from '../schemas';
import { Q931Error } from './errors';
import { decodeQ931, encodeQ931, type Q931Message } from './message';

/** The protocol discriminator of a User-user element that holds ASN.1 in PER (H.225.0 section 7.2.2.31). */
export const ASN1_DISCRIMINATOR = 5;

/** An H.225.0 call signalling message: Q.931 without its User-user element, and what that holds. */
export interface CallSignallingMessage {
  q931: Omit<Q931Message, 'userUser'>;
  userInformation: h225.H323UserInformation;
}

/**
 * Reads an H.225.0 call signalling message, the payload of a TPKT packet.
 * @throws Q931Error, PerError
 */
export function decodeCallSignalling(octets: Buffer, limits?: DecodeLimits): CallSignallingMessage {
  const { userUser, ...q931 } = decodeQ931(octets);
  if (userUser?.protocolDiscriminator !== ASN1_DISCRIMINATOR) {
    throw new Q931Error('q931-invalid', `${q931.type} without the User-user information element that H.225.0 requires`);
  }
  return { q931, userInformation: decode(h225.H323UserInformation, userUser.octets, limits) };
}

/**
 * Writes an H.225.0 call signalling message, the payload of a TPKT packet.
 * @throws Q931Error, PerError
 */
export function encodeCallSignalling({ q931, userInformation }: CallSignallingMessage): Buffer {
  const octets = encode(h225.H323UserInformation, userInformation);
  return encodeQ931({ ...q931, userUser: { protocolDiscriminator: ASN1_DISCRIMINATOR, octets } });
}

/**
 * The H.245 messages that a call signalling message tunnels, in order.
 * @throws PerError
 */
export function tunnelledH245(pdu: h225.H323UUPDU, limits?: DecodeLimits): h245.MultimediaSystemControlMessage[] {
  return (pdu.h245Control ?? []).map((octets) => decode(h245.MultimediaSystemControlMessage, octets, limits));
}

/** The PDU with H.245 messages tunnelled in it. */
export function withTunnelledH245(pdu: h225.H323UUPDU, messages: readonly h245.MultimediaSystemControlMessage[]): h225.H323UUPDU {
  return { ...pdu, h245Tunnelling: true, h245Control: messages.map((message) => encode(h245.MultimediaSystemControlMessage, message)) };
}

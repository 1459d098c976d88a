/** H.225.0 call signalling on the wire: TPKT packets (RFC 1006) with Q.931 messages whose User-user element holds PER. */
export { Q931Error, type Q931ErrorCode } from './errors';
export { encodeTpkt, TPKT_MAX_PAYLOAD, TpktFramer } from './tpkt';
export { decodeQ931, encodeQ931, MESSAGE_TYPES, type MessageType, type Q931Message, type RawElement } from './message';
export {
  NUMBERING_PLAN, TYPE_OF_NUMBER, type BearerCapability, type Cause, type Number, type PresentedNumber, type Progress, type RedirectingNumber, type UserUser,
} from './elements';
export {
  ASN1_DISCRIMINATOR, decodeCallSignalling, encodeCallSignalling, tunnelledH245, withTunnelledH245, type CallSignallingMessage,
} from './call-signalling';

/** H.235.6: encryption of media with keys of a Diffie-Hellman exchange in call signalling, and its end towards plain RTP. */
export { ALGORITHMS, GROUPS } from './algorithms';
export type { Group, MediaAlgorithm } from './algorithms';
export { H235Error } from './errors';
export type { H235ErrorCode } from './errors';
export { answerKeyOffer, KeyOffer, offersEncryption } from './key-agreement';
export type { AgreedSecret } from './key-agreement';
export { MediaKeys, updateCommand, updateIn, updateRequest } from './media-keys';
export type { MediaKey } from './media-keys';
export { decrypted, encrypted, encryptedEntries, withEncryption } from './capabilities';
export { decryptRtp, encryptRtp, rtpHeaderLength } from './rtp-payload';
export type { Tail } from './rtp-payload';
export { MediaCipher } from './media-cipher';
export type { MediaCipherOptions } from './media-cipher';
export { MediaRelay } from './relay';
export type { RelayAddress, RelayCounters, RelayOptions, RelayRemote, RelaySide } from './relay';

/**
 * Between session descriptions (RFC 8866, offers and answers of RFC 3264) and H.245: capability sets, logical channels and fast
 * start. Nothing here waits, keeps or sends anything. "Local" is the party that the H.323 endpoint is connected with, as its
 * description says; the "party" of `descriptionOf` is the H.323 endpoint as SIP sees it.
 */
export { SdpError } from './errors';
export { capabilitiesOf, peerCapabilities, takesContent, type MediaCapabilities, type PeerCapabilities } from './capabilities';
export {
  acceptChannel, bitRateLimitOf, bitRateOf, channelsToOpen, type Acceptance, type ChannelOptions, type ProposedChannel, type RequestedChannel,
} from './channels';
export { descriptionOf, type DescribedChannel, type PartyOptions } from './party';
export { acceptFastStart, channelsOfFastStart, descriptionOfFastStart, fastStartOf, type FastStart } from './fast-start';
export { canSend, channelsInModes, hasCodecOf, isInMode, modeOf, modesReceived } from './modes';
export type { Mode } from './mode';
export { awaitsAddress, offerOf } from './offer';
export { mediumOf, type Medium } from './media';

import type { MediaCapabilities } from './capabilities';
import { peerCapabilities } from './capabilities';
import { dataTypeOf, formatOf, packetizationOf } from './coding';
import { SESSION_ID, type Medium } from './media';
import { descriptionOf, type DescribedChannel, type PartyOptions } from './party';

/** Where nothing is sent; what a party is said to receive at that has not been asked yet (RFC 3725 section 4.4). */
const NOWHERE = { host: '0.0.0.0', port: 9 };
const FIRST_DYNAMIC = 96;
const LAST_DYNAMIC = 127;
/** Formats of a medium that are offered. */
const MAX_FORMATS = 16;
const OFFERED: readonly Medium[] = ['audio', 'video', 'camera'];

/**
 * The H.323 party before any channel is open, as an offer of all that it can do. Where it receives is not known yet, for H.245 tells that
 * when channels are opened: its lines name no address ({@link awaitsAddress}), and another offer has to follow.
 */
export function offerOf(remote: MediaCapabilities, identity: Pick<PartyOptions, 'host' | 'sessionId' | 'version'>): string {
  const peer = peerCapabilities(remote);
  let dynamic = FIRST_DYNAMIC;
  const next = (): number => {
    if (dynamic === peer.userInput.events?.payloadType) dynamic++;
    return dynamic++;
  };
  const channels = OFFERED.flatMap((medium) => peer.media.filter((entry) => entry.medium === medium).slice(0, MAX_FORMATS).flatMap(({ coding }): DescribedChannel[] => {
    const payloadType = formatOf(coding).payloadType ?? next();
    const packetization = packetizationOf(coding);
    const channel = {
      number: 0, sessionId: SESSION_ID[medium], dataType: dataTypeOf(coding, medium), payloadType, media: { rtp: NOWHERE },
      ...(packetization && { parameters: { mediaPacketization: { rtpPayloadType: { payloadDescriptor: packetization } } } }),
    };
    return payloadType > LAST_DYNAMIC ? [] : [{ ...channel, direction: 'send' }, { ...channel, direction: 'receive' }];
  }));
  return descriptionOf(channels, remote, identity);
}

/** Whether a description is of a party of which it is not known yet where it receives. */
export const awaitsAddress = (sdp: string): boolean => /^m=\S+ 9 RTP\/AVP (?:(?!^m=)[^])*?^c=IN IP4 0\.0\.0\.0\s*$/m.test(sdp);

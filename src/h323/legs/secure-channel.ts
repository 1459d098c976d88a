import type { MediaAddress } from '../contracts';
import { H235Error, type MediaCipher, type MediaKey, type MediaKeys, type MediaRelay, type RelayRemote } from '../h235';
import type { ChannelRequest } from '../h245';
import type { HostPort } from '../ras';
import type { h245 } from '../schemas';

/** Where somebody is who has not said where media are received (discard). */
export const NO_PORT = 9;

/** One encrypted channel: what it is without encryption, and by what it goes. */
export interface SecureChannel {
  dataType: h245.DataType;
  payloadType: number;
  relay: MediaRelay;
  keys: MediaKeys;
  /** Where the party receives what the peer sends. */
  media?: MediaAddress;
  /** Where the party sends what the peer receives. */
  plain: Required<MediaAddress>;
  cipher?: MediaCipher;
  /** Payload type of the packets under the last key. */
  wireType: number;
  /** The next key of a channel of this side's. */
  next?: { key: MediaKey; timer: NodeJS.Timeout };
  /** When its key was made anew, monotonic milliseconds. */
  renewed: number;
}

/** The key that was made last is used from now on. */
export function useNext(secure: SecureChannel): void {
  const { next, cipher } = secure;
  if (!next) return;
  clearTimeout(next.timer);
  cipher?.refresh(next.key);
  secure.next = undefined;
}

/** The key that the master sent; undefined for none, or one that cannot be read. */
export function keyIn(keys: MediaKeys, sync: h245.EncryptionSync | undefined): MediaKey | undefined {
  try {
    return sync && keys.read(sync);
  } catch (error) {
    if (error instanceof H235Error) return undefined;
    throw error;
  }
}

/** The packets' description names their number once more. */
export function renumbered(parameters: ChannelRequest['parameters'], payloadType: number): ChannelRequest['parameters'] {
  const packets = parameters?.mediaPacketization && 'rtpPayloadType' in parameters.mediaPacketization ? parameters.mediaPacketization.rtpPayloadType : undefined;
  return packets ? { ...parameters, mediaPacketization: { rtpPayloadType: { ...packets, payloadType } } } : parameters;
}

/** Sent from other ports than those told, as by devices that receive and send at different ones, media are taken, too. */
export function remoteOf({ rtp, rtcp = { ...rtp, port: rtp.port + 1 } }: MediaAddress): RelayRemote {
  const address = ({ host, port }: HostPort): { address: string; port: number } => ({ address: host, port: port > 0 && port <= 65_535 ? port : NO_PORT });
  return { rtp: address(rtp), rtcp: address(rtcp), latch: true };
}

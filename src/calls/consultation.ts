import type { AnchoredBridge } from './anchored-bridge';
import { failure } from './anchored-path';
import type { DirectBridge, PartyId } from './bridge';
import { release, type Release } from './cause';
import { MAX_PARTICIPANTS } from './joining';
import type { ActiveLeg, LegEvents } from './leg';
import type { CallMedia, MediaTransport } from './media';
import { withPictureLimits } from './picture-limits';
import { hasVideo } from './sdp';
import { EtasiltaError } from '../errors';

/** The end of another call that goes on in this one. */
export interface SecondEnd {
  leg: ActiveLeg;
  /** Its address, or what was dialled for it. */
  address: string;
  /** It is no longer in the other call, which is over with that. */
  leave(): void;
}

const NOT_MOVED = release(480, 'the consulted end does not move its media', 'callee', { q850: 31 });

export interface ConsultationHost {
  bridge: AnchoredBridge;
  media: CallMedia;
  conference: string;
  /** Of the second end's leg, from its attachment on. */
  events: LegEvents;
}

/**
 * Takes the far end of a party's second call into its first one, with an endpoint at the first one's media server: it is asked to send its
 * media there. Undefined when it is in, or why not.
 */
export async function takeIn({ bridge, media, conference, events }: ConsultationHost, id: PartyId, { leg, leave }: SecondEnd): Promise<Release | undefined> {
  const before = leg.remoteSdp ?? '';
  const endpoint = await media.offer(transportOf(before), { like: before, video: hasVideo(before) });
  const told = bridge.limits();
  const { status, body } = await leg.renegotiate({ method: 'INVITE', headers: {}, body: withPictureLimits(endpoint.localSdp, told) });
  if (status >= 300 || body === undefined) {
    endpoint.release();
    return NOT_MOVED;
  }
  leave();
  try {
    await endpoint.accept(body);
    if (bridge.size === 0) throw new EtasiltaError('call-over', 'The call ended while the two were joined.', { sipStatus: 487, q850: 16 });
    leg.attach(events);
    await bridge.confer(conference, { layout: 'speaker', maxMembers: MAX_PARTICIPANTS });
    await bridge.add({ id, leg, endpoint, principal: true, told });
    return undefined;
  } catch (error) {
    const why = failure(error);
    if (!bridge.remove(id, why)) leg.release(why);
    endpoint.release();
    return why;
  }
}

/** The same where media go straight: the two ends are brought to send theirs to each other. */
export async function handOver(bridge: DirectBridge, from: PartyId, id: PartyId, { leg, leave }: SecondEnd, events: LegEvents): Promise<Release | undefined> {
  if (!(await bridge.handOver(from, { id, leg }))) return NOT_MOVED;
  leave();
  leg.attach(events);
  return undefined;
}

/** How the leg's media are carried, as it describes itself. */
const transportOf = (sdp: string): MediaTransport => (/^m=\S+ \d+ \S*TLS\//m.test(sdp) ? 'webrtc' : /^m=\S+ [1-9]\d* \S*SAVP/m.test(sdp) ? 'srtp' : 'rtp');

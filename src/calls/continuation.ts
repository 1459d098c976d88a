import type { AnchoredBridge } from './anchored-bridge';
import { failure } from './anchored-path';
import type { PartyId } from './bridge';
import type { ActiveLeg, InboundLeg, Party } from './leg';
import type { CallMedia } from './media';
import { withPictureLimits } from './picture-limits';

/**
 * A party of a call goes on with a leg that it has called with; its older one is released. Throws where that cannot be, and all is as before.
 * `fault` is told what is wrong with an answer that comes later.
 */
export async function goOnWith(bridge: AnchoredBridge, media: CallMedia, party: PartyId, caller: InboundLeg, { connected, fault }: { connected: Party; fault(error: unknown): void }): Promise<ActiveLeg> {
  const endpoint = caller.offer === undefined ? await media.offer(caller.media?.[0] ?? 'rtp', { video: true }) : await media.answer(caller.offer);
  let leg: ActiveLeg | undefined;
  try {
    leg = await caller.answer(withPictureLimits(endpoint.localSdp, bridge.limits(party)), connected, {}, (sdp) => { if (sdp !== undefined) endpoint.accept(sdp).catch(fault); });
    await bridge.replace(party, leg, endpoint);
    return leg;
  } catch (error) {
    endpoint.release();
    leg?.release(failure(error));
    throw error;
  }
}

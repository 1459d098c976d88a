import type { Channel } from './channel';
import type { Control } from './control';

/**
 * Joins the media of two channels until one of them ends, is transferred or goes elsewhere. What ran on them has been
 * stopped before.
 */
export function bridgeChannels(control: Control, a: Channel, b: Channel, signal?: AbortSignal): void {
  if (a.party === undefined || b.party === undefined) return;
  unbridge(a);
  unbridge(b);
  const media = control.processing.bridge(a.party, b.party);
  const now = Date.now();
  for (const [channel, other] of [[a, b], [b, a]] as const) {
    channel.media = media;
    channel.bridgedTo = other;
    channel.isOriginator = channel === a;
    channel.times.bridged = now;
    channel.setVariables({ bridge_channel: other.name, bridge_uuid: other.uuid, signal_bond: other.uuid });
    channel.setState('CS_EXCHANGE_MEDIA');
  }
  a.fire('CHANNEL_BRIDGE', [['Bridge-A-Unique-ID', a.uuid], ['Bridge-B-Unique-ID', b.uuid]]);
  signal?.addEventListener('abort', () => {
    if (a.media === media) unbridge(a);
  }, { once: true });
  // A call asks at once for a picture that can be seen.
  a.party.requestKeyFrame();
  b.party.requestKeyFrame();
}

/** A leg has hung up: the other one stays, parked, as `park_after_bridge` says. */
export function leaveBridge(channel: Channel): void {
  const { bridgedTo: other } = channel;
  if (!unbridge(channel) || other === undefined || !other.isUp) return;
  other.setState('CS_PARK');
  other.fire('CHANNEL_PARK');
}

/** Parts a channel from the one that it is bridged to; false when it was not. */
export function unbridge(channel: Channel): boolean {
  const { bridgedTo: other, media } = channel;
  if (other === undefined || media === undefined) return false;
  media.close();
  channel.fire('CHANNEL_UNBRIDGE', [['Bridge-A-Unique-ID', channel.uuid], ['Bridge-B-Unique-ID', other.uuid]]);
  for (const [one, its] of [[channel, other], [other, channel]] as const) {
    one.setVariables({ last_bridge_to: its.uuid, signal_bond: undefined });
    one.media = undefined;
    one.bridgedTo = undefined;
    one.isOriginator = false;
    if (one.isUp) one.setState('CS_EXECUTE');
  }
  return true;
}

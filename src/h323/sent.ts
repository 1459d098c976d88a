import { channel } from 'node:diagnostics_channel';

/** A message that leaves this process: of RAS, of call signalling (Q.931, with the H.245 that it tunnels), or of H.245 in a connection of its own. */
export interface SentMessage {
  kind: 'ras' | 'signalling' | 'h245';
  octets: Buffer;
}

const CHANNEL = channel('etasilta:h323:sent');

/** Shows a message to who watches `etasilta:h323:sent` (node:diagnostics_channel); costs nothing when nobody does. */
export function showSent(kind: SentMessage['kind'], octets: Buffer): void {
  if (CHANNEL.hasSubscribers) CHANNEL.publish({ kind, octets } satisfies SentMessage);
}

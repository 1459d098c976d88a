import { channel } from 'node:diagnostics_channel';

/** A message that leaves this process: of RAS, or the payload of a TPKT (a message of Q.931, or of H.245 in a connection of its own). */
export interface SentMessage {
  kind: 'ras' | 'tpkt';
  octets: Buffer;
}

const CHANNEL = channel('etasilta:h323:sent');

/** Shows a message to who watches `etasilta:h323:sent` (node:diagnostics_channel); costs nothing when nobody does. */
export function showSent(kind: SentMessage['kind'], octets: Buffer): void {
  if (CHANNEL.hasSubscribers) CHANNEL.publish({ kind, octets } satisfies SentMessage);
}

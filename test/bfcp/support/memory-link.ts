import { fragment, Reassembly, type Carrier, type CarrierReceiver } from '../../../src/bfcp';
import type { Random } from '../../h323/support/random';

export interface Impairment {
  /** Probabilities, 0 to 1, of each datagram. */
  loss: number;
  duplicate: number;
  reorder: number;
}

const DELAY_MS = 10;
const HELD_MS = 700;

/**
 * Both ends of a network in memory, under jest's fake timers; `seen` gets each whole message that is sent. Without
 * `impairment` it is reliable.
 */
export function memoryLink(seen: (message: Buffer) => void, impaired?: { impairment: Impairment; random: Random; mtu?: number }): [Carrier, Carrier] {
  const ends = [end(), end()] as const;
  const direction = (from: End, to: End): void => {
    from.out = (message) => {
      seen(message);
      if (!impaired) return void setTimeout(() => to.take(message), DELAY_MS);
      const { impairment: { loss, duplicate, reorder }, random, mtu = 1200 } = impaired;
      for (const datagram of fragment(message, mtu)) {
        for (let copies = random.chance(duplicate) ? 2 : 1; copies > 0; copies--) {
          if (!random.chance(loss)) setTimeout(() => to.take(datagram), random.chance(reorder) ? HELD_MS : DELAY_MS);
        }
      }
    };
  };
  direction(ends[0], ends[1]);
  direction(ends[1], ends[0]);
  return [ends[0].carrier(!impaired, () => ends[1].closed()), ends[1].carrier(!impaired, () => ends[0].closed())];
}

interface End {
  out: (message: Buffer) => void;
  take(datagram: Buffer): void;
  closed(): void;
  carrier(reliable: boolean, close: () => void): Carrier;
}

function end(): End {
  const reassembly = new Reassembly(10_000, () => performance.now());
  let receiver: CarrierReceiver | undefined;
  const self: End = {
    out: () => undefined,
    take: (datagram) => {
      const message = reassembly.add(datagram);
      if (message) receiver?.received(message);
    },
    closed: () => {
      const last = receiver;
      receiver = undefined;
      last?.closed();
    },
    carrier: (reliable, close) => ({
      reliable, attach: (to) => { receiver = to; }, send: (message) => self.out(message),
      close: () => {
        if (!receiver) return;
        receiver = undefined;
        // Over UDP the other side does not learn of it.
        if (reliable) setTimeout(close, DELAY_MS);
      },
    }),
  };
  return self;
}

import type { Timer } from '../clock';
import type { ServerTransaction } from '../transaction/server-transaction';
import type { EngineContext } from '../transaction/context';
import { GIVE_UP, T1, T2 } from '../transaction/timing';

/**
 * Repeats a 2xx to an INVITE until its ACK comes (RFC 3261 section 13.3.1.4); `expired` after 64*T1 without. The function
 * returned stops it.
 */
export function repeatUntilAcknowledged(transaction: ServerTransaction, bytes: Buffer, context: EngineContext, expired: () => void): () => void {
  let repetition: Timer | undefined;
  const repeatAfter = (interval: number): void => {
    repetition = context.timers.start(interval, () => {
      transaction.repeat(bytes);
      repeatAfter(Math.min(interval * 2, T2));
    });
  };
  if (!transaction.flow.reliable) repeatAfter(T1);
  const end = context.timers.start(GIVE_UP, () => {
    repetition?.cancel();
    expired();
  });
  return () => {
    repetition?.cancel();
    end.cancel();
  };
}

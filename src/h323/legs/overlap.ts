import type { IncomingCall, IncomingSetup } from '../signalling';

/** A number of H.323 (E.164, H.225.0 `dialledDigits`). */
const MAX_DIGITS = 128;

/** Whether more of the called number may follow its Setup: then it has no name, only digits, or nothing yet. */
export const mayGoOn = ({ canOverlapSend, sendingComplete }: IncomingSetup, dialled: string): boolean =>
  canOverlapSend && !sendingComplete && /^[0-9*#]*$/.test(dialled) && dialled.length < MAX_DIGITS;

export interface OverlapOptions {
  /** The digits of Setup. */
  dialled: string;
  /** Whether more digits would change nothing. */
  isWhole(dialled: string): Promise<boolean>;
  /** The number is complete, by the dial plan, the caller's word, or because T302 ran out. */
  complete(dialled: string): void;
  /** The number cannot be looked up, or `complete` failed. */
  failed(error: Error): void;
}

/**
 * Collects the digits of a call whose number comes bit by bit (H.323 section 8.1.12): Setup Acknowledge asks for them, Information brings
 * them. To SIP the number goes whole, as RFC 3578 section 3.1 has it.
 */
export function collectDigits(call: IncomingCall, { dialled, isWhole, complete, failed }: OverlapOptions): void {
  let collected = dialled;
  let over = false;
  let acknowledged = false;
  const finish = (): void => {
    over = true;
    try {
      complete(collected);
    } catch (error) {
      failed(error as Error);
    }
  };
  const look = async (): Promise<void> => {
    const asked = collected;
    const whole = await isWhole(asked);
    // More has come while this was looked up, which is looked up, too.
    if (over || asked !== collected) return;
    if (whole) return finish();
    if (!acknowledged) call.acknowledge();
    acknowledged = true;
  };
  const lookUp = (): void => {
    look().catch((error: Error) => {
      if (over) return;
      over = true;
      failed(error);
    });
  };
  call.attach({
    released: () => { over = true; },
    dialled: (number, last) => {
      if (over) return;
      collected = number;
      if (last || number.length >= MAX_DIGITS) finish();
      else lookUp();
    },
  });
  lookUp();
}

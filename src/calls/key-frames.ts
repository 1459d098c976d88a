/**
 * Least time between two requests for key frames, milliseconds. A key frame takes many times the bits of another picture; two ends
 * that pass each other's requests on would ask for ever (neither RFC 5168 nor H.245 section B.14 sets a bound).
 */
export const KEY_FRAME_MS = 500;

/** Calls `wake` once after `delayMs`; the function returned takes that back. */
export type WakeAfter = (delayMs: number, wake: () => void) => () => void;

const systemWakeAfter: WakeAfter = (delayMs, wake) => {
  const timer = setTimeout(wake, delayMs).unref();
  return () => clearTimeout(timer);
};

/** Requests for key frames of one sender: the first goes at once, those that come soon after it go as one when the time is up. */
export class KeyFrameRequests<Sent = void> {
  private cancel: (() => void) | undefined;
  private again = false;

  constructor(private readonly send: () => Sent, private readonly wakeAfter: WakeAfter = systemWakeAfter) {}

  /** What came of it where it was sent at once. */
  request(): Sent | undefined {
    if (this.cancel) {
      this.again = true;
      return undefined;
    }
    this.again = false;
    this.cancel = this.wakeAfter(KEY_FRAME_MS, () => {
      this.cancel = undefined;
      if (this.again) this.request();
    });
    return this.send();
  }

  /** Nothing more is sent. */
  end(): void {
    this.cancel?.();
    this.cancel = () => undefined;
    this.again = false;
  }
}

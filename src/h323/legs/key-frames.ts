import { systemClock, Timer, type Clock } from '../clock';

/**
 * Least time between two requests for key frames, milliseconds. A key frame takes many times the bits of another picture; two ends
 * that pass each other's requests on would ask for ever (H.245 section B.14 sets no bound).
 */
export const KEY_FRAME_MS = 500;

/** Requests for key frames in one direction: the first goes at once, those that come soon after it go as one when the time is up. */
export class KeyFrameRequests {
  private readonly pause: Timer;
  private again = false;

  constructor(private readonly send: () => void, clock: Clock = systemClock) {
    this.pause = new Timer(clock);
  }

  request(): void {
    if (this.pause.running) {
      this.again = true;
      return;
    }
    this.again = false;
    this.pause.set(KEY_FRAME_MS, () => {
      if (this.again) this.request();
    });
    this.send();
  }

  end(): void {
    this.pause.reset();
    this.again = false;
  }
}

import type { h245 } from '../schemas';
import { Timer, type TellingClock } from '../clock';
import { H245Error } from './errors';

const SEQUENCE_NUMBERS = 256;

export interface RoundTripOptions {
  clock: TellingClock;
  /** T105, milliseconds. */
  timeoutMs: number;
  /** Milliseconds between requests of this side's own; 0: none. */
  intervalMs: number;
  /** Requests without an answer, and without anything else from the peer, after which it counts as dead. */
  misses: number;
  send(message: h245.MultimediaSystemControlMessage): void;
  dead(error: H245Error): void;
}

interface Measurement {
  since: number;
  resolve(ms: number): void;
  reject(error: H245Error): void;
}

/** Round-trip delay: the signalling entity RTDSE of H.245 Annex C.10, and by it the watch for a peer that is gone. */
export class RoundTrip {
  private sequenceNumber = 0;
  private measurement: Measurement | undefined;
  private missed = 0;
  private answers: 'unknown' | 'yes' | 'no' = 'unknown';
  private readonly timer: Timer;
  private readonly interval: Timer;

  constructor(private readonly options: RoundTripOptions) {
    this.timer = new Timer(options.clock);
    this.interval = new Timer(options.clock);
  }

  /** Starts the watch. */
  watch(): void {
    const { intervalMs } = this.options;
    if (intervalMs === 0 || this.answers === 'no') return;
    this.interval.set(intervalMs, () => {
      if (!this.measurement) this.measure().catch(() => undefined);
      this.watch();
    });
  }

  /** TRANSFER.request: milliseconds to the peer and back. One at a time, a newer one takes the place of the one before (C.10). */
  measure(): Promise<number> {
    if (this.answers === 'no') return Promise.reject(new H245Error('h245-unsupported', 'the peer does not answer round-trip delay requests'));
    this.measurement?.reject(new H245Error('h245-closed', 'round-trip delay: asked for anew'));
    return new Promise((resolve, reject) => {
      this.sequenceNumber = (this.sequenceNumber + 1) % SEQUENCE_NUMBERS;
      this.measurement = { since: this.options.clock.now(), resolve, reject };
      this.options.send({ request: { roundTripDelayRequest: { sequenceNumber: this.sequenceNumber } } });
      this.timer.set(this.options.timeoutMs, () => this.expired());
    });
  }

  answered({ sequenceNumber }: h245.RoundTripDelayResponse): void {
    if (!this.measurement || sequenceNumber !== this.sequenceNumber) return;
    this.answers = 'yes';
    const { since, resolve } = this.measurement;
    this.clear();
    resolve(this.options.clock.now() - since);
  }

  /** Something came from the peer. */
  heard(): void {
    this.missed = 0;
  }

  /** The peer does not know the request. */
  unsupported(): void {
    this.answers = 'no';
    this.interval.reset();
    this.stopMeasuring(new H245Error('h245-unsupported', 'the peer does not answer round-trip delay requests'));
  }

  stop(error: H245Error): void {
    this.interval.reset();
    this.stopMeasuring(error);
  }

  private expired(): void {
    this.missed++;
    const error = new H245Error('h245-timeout', 'round-trip delay: the peer did not answer in time (T105)');
    this.stopMeasuring(error);
    if (this.missed < this.options.misses) return;
    // Old endpoints leave the request alone: their silence says nothing.
    if (this.answers === 'unknown') this.unsupported();
    else {
      this.interval.reset();
      this.options.dead(new H245Error('h245-dead', `the peer left ${this.missed} round-trip delay requests without an answer`));
    }
  }

  private stopMeasuring(error: H245Error): void {
    this.measurement?.reject(error);
    this.clear();
  }

  private clear(): void {
    this.timer.reset();
    this.measurement = undefined;
  }
}

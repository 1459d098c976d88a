import { H245Error } from './errors';

const LAST_NUMBER = 65_535;
const FIRST_DYNAMIC_SESSION = 4;
const LAST_SESSION = 255;

/** Numbers of the channels in which this side sends (H.245 section B.3.1: forward and, of the peer's bidirectional ones, reverse). */
export class ChannelNumbers {
  private readonly used = new Set<number>();
  private last = 0;

  /** A free number; one that was given back is not used again soon. */
  next(): number {
    if (this.used.size >= LAST_NUMBER) throw new H245Error('h245-limit', 'all logical channel numbers are in use');
    do this.last = (this.last % LAST_NUMBER) + 1; while (this.used.has(this.last));
    this.used.add(this.last);
    return this.last;
  }

  take(number: number): number {
    if (this.used.has(number)) throw new H245Error('h245-channel', `logical channel number ${number} is in use`);
    this.used.add(number);
    return number;
  }

  release(number: number): void {
    this.used.delete(number);
  }
}

/** The number of a new session, which the master gives (H.245 section B.3.1); undefined when all are in use. */
export function newSession(inUse: ReadonlySet<number>): number | undefined {
  for (let id = FIRST_DYNAMIC_SESSION; id <= LAST_SESSION; id++) if (!inUse.has(id)) return id;
  return undefined;
}

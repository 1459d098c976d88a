import { sameHost } from '../ras';
import type { CallInChannel, CallLink } from './channel';
import { SignallingError } from './errors';

const MAX_CALLS = 2_000;

/** Puts a call into the connection that came for it. */
export type TakePlace = (link: CallLink) => CallInChannel;

/**
 * Calls that endpoints behind firewalls have been told of, until they connect and name the call in a Facility (H.460.18). Each is given
 * away once, and only to the address that its endpoint is registered from. The Facility has the reason `undefinedReason`, the call
 * identifier, and call reference 0 from both H323plus (`H46018SignalPDU`) and GnuGk (`OnSCICall`, as if from the called side); Setup follows in
 * the same connection under a call reference of this side's.
 */
export class AnnouncedCalls {
  private readonly waiting = new Map<string, { host: string; takePlace: TakePlace }>();

  get size(): number {
    return this.waiting.size;
  }

  /**
   * Waits for the connection of a call; returns what ends the waiting.
   * @param callId call identifier, 16 octets
   * @param host where the endpoint connects from
   * @throws SignallingError when too many calls wait, or this one does already
   */
  expect(callId: Buffer, host: string, takePlace: TakePlace): () => void {
    const key = callId.toString('hex');
    if (this.waiting.has(key)) throw new SignallingError('signalling-state', `call ${key} waits for its connection already`);
    if (this.waiting.size >= MAX_CALLS) throw new SignallingError('signalling-limit', `${MAX_CALLS} calls wait for connections of endpoints behind firewalls`);
    const expected = { host, takePlace };
    this.waiting.set(key, expected);
    return () => {
      if (this.waiting.get(key) === expected) this.waiting.delete(key);
    };
  }

  /** The call that a connection from `host` names, once; undefined when there is none for it. */
  claim(callId: Buffer, host: string): TakePlace | undefined {
    const key = callId.toString('hex');
    const expected = this.waiting.get(key);
    if (!expected || !sameHost(expected.host, host)) return undefined;
    this.waiting.delete(key);
    return expected.takePlace;
  }
}

import { once } from 'node:events';
import type { MediaSession, RtpPacket, RtpStream, SessionFactory, SessionOptions } from '../../../src/embedded/media-server/contracts';
import { createSessionFactory, type SessionClock, type SessionFactoryOptions } from '../../../src/embedded/media-server/session';

export function loopbackFactory(options: Partial<SessionFactoryOptions> = {}): SessionFactory {
  return createSessionFactory({ address: '127.0.0.1', portMin: 0, portMax: 0, ...options });
}

/** Offer, answer, accept between two sessions. */
export async function negotiate(offerer: MediaSession, answerer: MediaSession, options?: Partial<SessionOptions>): Promise<void> {
  await offerer.accept(await answerer.answer(await offerer.offer(options)));
}

/** Sends one packet and waits until the other stream heard it. */
export async function passes(from: RtpStream, to: RtpStream, sequenceNumber: number, text = `packet ${sequenceNumber}`): Promise<RtpPacket> {
  const heard = once(to, 'rtp') as Promise<[RtpPacket]>;
  from.send({ sequenceNumber, timestamp: sequenceNumber * 160, marker: sequenceNumber === 1, payload: Buffer.from(text) });
  const [packet] = await heard;
  return packet;
}

/** Lines of a description that match, for reading what was written. */
export const matching = (sdp: string | undefined, pattern: RegExp): string[] => (sdp ?? '').split('\r\n').filter((line) => pattern.test(line));

export async function bothConnected(...sessions: MediaSession[]): Promise<void> {
  await Promise.all(sessions.map((session) => (session.connected ? undefined : once(session, 'connected'))));
}

/** Time that moves only by hand. */
export class HandClock implements SessionClock {
  private time = 0;
  private readonly waiting = new Set<{ due: number; wake: () => void }>();

  get pending(): number {
    return this.waiting.size;
  }

  now(): number {
    return this.time;
  }

  wallNow(): number {
    return Date.UTC(2026, 0, 1) + this.time;
  }

  wakeAfter(delayMs: number, wake: () => void): () => void {
    const entry = { due: this.time + delayMs, wake };
    this.waiting.add(entry);
    return () => this.waiting.delete(entry);
  }

  /** Lets time pass; what becomes due wakes in its order. */
  advance(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (;;) {
      const next = [...this.waiting].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.waiting.delete(next);
      this.time = Math.max(this.time, next.due);
      next.wake();
    }
    this.time = end;
  }
}

/** An address and port of the party. */
export interface Peer {
  host: string;
  port: number;
}

/** Port of descriptions that say no place yet (discard). */
const NO_PORT = 9;
/** From the first packet after a description this long, a source that fits the description better takes over. */
const LEARNING_MS = 3_000;
/** A source that was silent this long may have got another port from its address translation. */
const REBIND_AFTER_MS = 2_000;

/**
 * Symmetric RTP: where the party's packets come from is where ours go (RFC 4961), since behind address translation the
 * description says something else. Who may be latched on to:
 *
 * - Unprotected media. In the first three seconds the source that fits the description best: the very address and port,
 *   else the address, else the port, else whoever came first; of two equal ones the first stays, and the described address
 *   ends the learning. After that only this source is heard. It may change its address (a translation that forgot it)
 *   when nothing has come from it for two seconds and the newcomer continues the same SSRC, which somebody who cannot
 *   read the media cannot know. A new description starts the learning again, but for a source that was there before any
 *   description of a place and is on the host that is described, which stays until a better one comes: the one packet
 *   that opens a firewall is not lost (H.460.19).
 * - Protected media: the source of any packet that passed authentication and is newer than all before (the caller
 *   says so with `authenticated`); a replayed packet moves nothing.
 */
export class Latch {
  private described: Peer | undefined;
  private source: Peer | undefined;
  private rank = -1;
  /** When the first packet after the description came. */
  private learnedSince: number | undefined;
  private heardAt = 0;
  private ssrc = 0;

  /** Where to send; undefined while nobody knows. */
  get target(): Peer | undefined {
    return this.source ?? this.described;
  }

  get latched(): boolean {
    return this.source !== undefined;
  }

  /** What the description says. Another address or port than before starts the learning again. */
  describe(described: Peer | undefined): void {
    const peer = described?.port === NO_PORT ? undefined : described;
    if (peer?.host === this.described?.host && peer?.port === this.described?.port) return;
    const early = this.described === undefined && this.source?.host === peer?.host ? this.source : undefined;
    this.described = peer;
    this.learnedSince = undefined;
    this.source = early;
    this.rank = early ? this.rankOf(early.host, early.port) : -1;
  }

  /** Whether an unprotected packet from here may be heard. */
  admits(host: string, port: number, ssrc: number, now: number): boolean {
    const { source } = this;
    this.learnedSince ??= now;
    if (source !== undefined && source.port === port && source.host === host) {
      this.heardAt = now;
      this.ssrc = ssrc;
      return true;
    }
    const rank = this.rankOf(host, port);
    const better = rank > this.rank && (source === undefined || now - this.learnedSince < LEARNING_MS);
    const rebound = source !== undefined && now - this.heardAt > REBIND_AFTER_MS && ssrc === this.ssrc;
    if (!better && !rebound) return false;
    this.move(host, port, rank, ssrc, now);
    return true;
  }

  /** A protected packet from here passed authentication; `newest` where none before had a higher index. */
  authenticated(host: string, port: number, newest: boolean): void {
    if (newest && (this.source?.port !== port || this.source.host !== host)) this.source = { host, port };
  }

  private move(host: string, port: number, rank: number, ssrc: number, now: number): void {
    this.source = { host, port };
    this.rank = rank;
    this.heardAt = now;
    this.ssrc = ssrc;
  }

  private rankOf(host: string, port: number): number {
    return (this.described?.host === host ? 2 : 0) + (this.described?.port === port ? 1 : 0);
  }
}

import type { Protocol } from './contact';
import type { Flow, LocalPoint } from './flow';
import type { Timer, TimerQueue } from '../clock';

export interface ConnectionBounds {
  queueBytes: number;
  idleMs: number;
  messageMs: number;
}

/** What a socket of any kind can do for its connection. */
export interface Wire {
  write(bytes: Buffer | string): void;
  /** Bytes that wait for the peer. */
  readonly queued: number;
  destroy(): void;
}

/**
 * A connection of any stream transport: bounded in what waits for its peer and in how long it may stay silent, and known by
 * its remote address, so that requests find the way that the peer opened (RFC 5923, RFC 5626).
 */
export class Connection implements Flow {
  readonly reliable = true;
  open = true;
  private readonly watchers = new Set<() => void>();
  private deadline: Timer | undefined;
  private quiet = true;
  /** A message is under way; so it counts until the first one has come. */
  private incomplete = true;

  constructor(
    readonly local: LocalPoint, readonly protocol: Protocol, readonly remoteAddress: string, readonly remotePort: number,
    private readonly wire: Wire, private readonly bounds: ConnectionBounds, private readonly timers: TimerQueue,
    private readonly gone: (connection: Connection) => void,
  ) {
    this.expectWithin(bounds.messageMs);
  }

  send(bytes: Buffer | string): boolean {
    if (!this.open) return false;
    if (this.wire.queued + bytes.length > this.bounds.queueBytes) {
      // The peer reads too slowly for what it asks; its transactions fail over or fail.
      this.close();
      return false;
    }
    this.wire.write(bytes);
    return true;
  }

  onLost(lost: () => void): () => void {
    this.watchers.add(lost);
    return () => this.watchers.delete(lost);
  }

  /** Bytes have come: `complete` messages or keep-alives ended in them, and `partial` tells whether another has begun. */
  progress(complete: number, partial: boolean): void {
    this.quiet = false;
    if (partial && (complete > 0 || !this.incomplete)) this.expectWithin(this.bounds.messageMs);
    else if (!partial && this.incomplete) this.watchIdle();
    this.incomplete = partial;
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.deadline?.cancel();
    this.wire.destroy();
    this.gone(this);
    const watchers = [...this.watchers];
    this.watchers.clear();
    for (const lost of watchers) lost();
  }

  private expectWithin(ms: number): void {
    this.deadline?.cancel();
    this.deadline = this.timers.start(ms, () => this.close());
  }

  /** Looks once an interval whether anything came, instead of moving a timer with every message. */
  private watchIdle(): void {
    this.deadline?.cancel();
    this.deadline = this.timers.start(this.bounds.idleMs, () => {
      if (this.quiet) this.close();
      else {
        this.quiet = true;
        this.watchIdle();
      }
    });
  }
}

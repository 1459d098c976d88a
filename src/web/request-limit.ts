import { isIPv6 } from 'node:net';

const WINDOW_MS = 60_000;
const MAX_SOURCES = 10_000;
/** Counted together when the table is full. */
const OTHERS = '';

/** Counts requests of each source, an address or an IPv6 /64, in windows of one minute. */
export class RequestLimit {
  private counts = new Map<string, number>();
  private windowEnds = 0;

  constructor(private readonly perMinute: number, private readonly now: () => number) {}

  /** Counts one more; false when that is too many. */
  admit(address: string): boolean {
    const now = this.now();
    if (now >= this.windowEnds) {
      this.counts.clear();
      this.windowEnds = now + WINDOW_MS;
    }
    const source = sourceOf(address);
    const key = this.counts.has(source) || this.counts.size < MAX_SOURCES ? source : OTHERS;
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    return count <= this.perMinute;
  }

  /** Seconds until the window ends, for `Retry-After`. */
  retryAfter(): number {
    return Math.max(1, Math.ceil((this.windowEnds - this.now()) / 1_000));
  }
}

function sourceOf(address: string): string {
  const v4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (v4 !== undefined || !isIPv6(address)) return v4 ?? address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter(Boolean).length;
  return [...groups, ...Array<string>(missing).fill('0'), ...(tail ?? '').split(':').filter(Boolean)].slice(0, 4).join(':');
}

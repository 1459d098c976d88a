import type { RefusedRequest } from '../ras';

const KEPT = 1_000;
const LATELY_MS = 3_600_000;

/** Refused requests of one kind within the last hour. */
export interface RefusalCount {
  why: RefusedRequest['why'];
  count: number;
  /** Of the last one. */
  request: string;
  source: string;
  detail?: string;
}

/** What was refused lately and why, for those who look for faults; the latest thousand. */
export class RecentRefusals {
  private readonly kept: (RefusedRequest & { at: number })[] = [];

  constructor(private readonly now: () => number) {}

  note(refused: RefusedRequest): void {
    this.kept.push({ ...refused, at: this.now() });
    if (this.kept.length > KEPT) this.kept.shift();
  }

  lately(): RefusalCount[] {
    const since = this.now() - LATELY_MS;
    const counts = new Map<RefusedRequest['why'], RefusalCount>();
    for (const { why, request, source, detail, at } of this.kept) {
      if (at >= since) counts.set(why, { why, count: (counts.get(why)?.count ?? 0) + 1, request, source: source.host, ...(detail !== undefined && { detail }) });
    }
    return [...counts.values()];
  }
}

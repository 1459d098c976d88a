import { cpus } from 'node:os';

const SAMPLE_MS = 1_000;

/** How busy machine and thread are, sampled each second. */
export class LoadMeter {
  private before = total();
  private idle = 100;
  private lowestIdle = 100;
  private expected = performance.now() + SAMPLE_MS;
  private readonly timer = setInterval(() => this.sample(), SAMPLE_MS).unref();
  /** How late the last sample came, milliseconds: what a tick of media may be late too. */
  latenessMs = 0;

  /** Idle processor time of the machine, percent; and the lowest that was seen. */
  get idleCpu(): { current: number; lowest: number } {
    return { current: this.idle, lowest: this.lowestIdle };
  }

  close(): void {
    clearInterval(this.timer);
  }

  private sample(): void {
    const now = performance.now();
    this.latenessMs = Math.max(0, now - this.expected);
    this.expected = now + SAMPLE_MS;
    const after = total();
    const all = after.all - this.before.all;
    if (all > 0) this.idle = ((after.idle - this.before.idle) / all) * 100;
    this.lowestIdle = Math.min(this.lowestIdle, this.idle);
    this.before = after;
  }
}

function total(): { idle: number; all: number } {
  let [idle, all] = [0, 0];
  for (const { times } of cpus()) {
    idle += times.idle;
    all += times.idle + times.user + times.nice + times.sys + times.irq;
  }
  return { idle, all };
}

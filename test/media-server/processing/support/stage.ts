import { createProcessing } from '../../../../src/embedded/media-server/processing';
import type { Party } from '../../../../src/embedded/media-server/contracts';
import { FakeClock } from './fake-clock';
import type { FakeStream } from './fake-session';
import { FakeSession } from './fake-session';

/** Processing under a clock advanced by hand, with parties in memory. */
export class Stage {
  readonly clock = new FakeClock();
  readonly faults: unknown[] = [];
  readonly processing;

  constructor(options: { soundRoots?: string[] } = {}) {
    let seed = 1;
    const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    this.processing = createProcessing({ ...options, clock: this.clock, random, log: (_message, error) => this.faults.push(error) });
  }

  party(...streams: FakeStream[]): Party {
    return this.processing.party(new FakeSession(streams));
  }

  /** `ticks` times 20 ms; `each` is called before each with the time, as packets arrive. */
  async run(ticks: number, each: (now: number, tick: number) => void = () => undefined): Promise<void> {
    for (let tick = 0; tick < ticks; tick += 1) {
      this.clock.advance(10);
      each(this.clock.now(), tick);
      this.clock.advance(10);
      // What was read or written meanwhile is taken up between the ticks, as it is in life.
      if (tick % 5 === 0) await new Promise((resolve) => { setImmediate(resolve); });
    }
  }
}

import type { Playing } from '../../contracts';
import type { Control } from '../control';
import type { Header } from '../event';
import type { Source } from '../sources';
import { MIX_RATE, type Conference } from './conference';
import type { ConferenceMember } from './member';

const MAXIMUM_WAITING = 100;

interface Queue {
  waiting: Source[];
  current: Playing | undefined;
}

/** What is played into a conference: one file after the other, to all and to each member. */
export class ConferencePlayer {
  /** By member; `undefined` for all. */
  private readonly queues = new Map<ConferenceMember | undefined, Queue>();

  constructor(private readonly control: Control, private readonly conference: Conference) {}

  /** Plays after what is waiting already; false when too much is. */
  play(source: Source, to?: ConferenceMember): boolean {
    let queue = this.queues.get(to);
    if (queue === undefined) this.queues.set(to, (queue = { waiting: [], current: undefined }));
    if (queue.waiting.length >= MAXIMUM_WAITING) return false;
    queue.waiting.push(source);
    if (queue.current === undefined) this.next(to, queue);
    return true;
  }

  /** Stops what is played, with `all` also what waits; returns how many. */
  stop(which: 'current' | 'all', to?: ConferenceMember): number {
    const queue = this.queues.get(to);
    if (queue === undefined) return 0;
    const waiting = which === 'all' ? queue.waiting.splice(0).length : 0;
    queue.current?.stop();
    return waiting + (queue.current === undefined ? 0 : 1);
  }

  stopAll(): void {
    for (const to of [...this.queues.keys()]) this.stop('all', to);
  }

  private next(to: ConferenceMember | undefined, queue: Queue): void {
    const source = queue.waiting.shift();
    if (source === undefined || (to !== undefined && this.conference.find(to.id) === undefined)) {
      this.queues.delete(to);
      return;
    }
    const after = (milliseconds: number): void => {
      this.tell(to, source, 'done', milliseconds);
      this.next(to, queue);
    };
    queue.current = undefined;
    try {
      queue.current = this.conference.mixer.play(source.source, to?.mixed);
    } catch (error) {
      this.fault(source, error);
      return after(0);
    }
    this.tell(to, source, 'begun', 0);
    queue.current.done.then(({ milliseconds }) => after(milliseconds), (error: unknown) => {
      this.fault(source, error);
      after(0);
    });
  }

  private tell(to: ConferenceMember | undefined, { name }: Source, what: 'begun' | 'done', milliseconds: number): void {
    const length: Header[] = what === 'begun' ? [] : [
      ['seconds', String(Math.floor(milliseconds / 1000))], ['milliseconds', String(milliseconds)],
      ['samples', String(Math.round((milliseconds * MIX_RATE) / 1000))],
    ];
    const done = what === 'done' ? '-done' : '';
    if (to !== undefined) this.conference.fireMember(to, `play-file-member${done}`, length, [['File', name]]);
    else this.conference.fire([...length, ['Action', `play-file${done}`], ['File', name], ...(what === 'begun' ? [['Async', 'false'] as const] : [])]);
  }

  private fault({ name }: Source, error: unknown): void {
    this.control.log('info', 'playback-failed', { conference: this.conference.name, file: name, reason: error instanceof Error ? error.message : String(error) });
  }
}

import { randomUUID } from 'node:crypto';
import type { Channel } from './channel';
import type { Header } from './event';

/** Why an application is made to end. */
export type StopReason = 'hangup' | 'break' | 'transfer';

export interface Run {
  readonly name: string;
  readonly argument: string;
  readonly uuid: string;
  /** Aborted with a StopReason. */
  readonly signal: AbortSignal;
}

/** An application; what it returns is the Application-Response. */
export type Application = (channel: Channel, run: Run) => string | void | Promise<string | void>;

interface Running extends Run {
  readonly controller: AbortController;
}

/** As deep as applications may be nested, and as many as may wait behind one with event-lock. */
const MAXIMUM_RUNNING = 32;
const MAXIMUM_WAITING = 256;
const MAXIMUM_LOOPS = 1_000;
const MAXIMUM_ARGUMENT = 65_536;

export interface ExecuteOptions {
  uuid?: string;
  loops?: number;
  /** Later applications wait for this one's end. */
  lock?: boolean;
}

/**
 * What is executed on one channel. As in FreeSWITCH, an application that is asked for while another runs is run inside it,
 * unless that one was started with event-lock.
 */
export class Execution {
  private readonly running: Running[] = [];
  private readonly waiting: (() => void)[] = [];
  private locked = false;

  constructor(private readonly channel: Channel) {}

  get current(): Run | undefined {
    return this.running.at(-1);
  }

  /** Runs an application; false when too much is running or waiting. */
  execute(name: string, application: Application, argument: string, options: ExecuteOptions = {}): boolean {
    const go = (): void => this.start(name, application, argument, options);
    if (!this.locked) {
      if (this.running.length >= MAXIMUM_RUNNING) return false;
      go();
      return true;
    }
    if (this.waiting.length >= MAXIMUM_WAITING) return false;
    this.waiting.push(go);
    return true;
  }

  /** Ends what runs: all of it, or with `break` what was started last. */
  stop(reason: StopReason, all = true): void {
    if (all) this.waiting.length = 0;
    for (const run of all ? [...this.running].reverse() : this.running.slice(-1)) run.controller.abort(reason);
  }

  private start(name: string, application: Application, argument: string, { uuid = randomUUID(), loops = 1, lock = false }: ExecuteOptions): void {
    if (!this.channel.isUp) return;
    const controller = new AbortController();
    const expanded = expandVariables(argument, this.channel);
    const run: Running = { name, argument: expanded, uuid, controller, signal: controller.signal };
    const total = Math.min(Math.max(1, loops), MAXIMUM_LOOPS);
    this.running.push(run);
    this.locked = lock;
    this.begin(run, application, 1, total);
  }

  private begin(run: Running, application: Application, loop: number, total: number): void {
    const { channel } = this;
    channel.setVariables({
      current_loop: String(loop), total_loops: String(total), current_application: run.name, current_application_data: run.argument,
      current_application_response: undefined,
    });
    channel.fire('CHANNEL_EXECUTE', headersOf(run));
    const ended = (response: string | void): void => {
      channel.setVariable('current_application_response', response ?? undefined);
      channel.fire('CHANNEL_EXECUTE_COMPLETE', headersOf(run, response ?? '_none_'));
      if (loop < total && !run.signal.aborted && channel.isUp) this.begin(run, application, loop + 1, total);
      else this.finish(run);
    };
    let result: ReturnType<Application>;
    try {
      result = application(channel, run);
    } catch (error) {
      return ended(responseOf(error));
    }
    if (result instanceof Promise) result.then(ended, (error: unknown) => ended(responseOf(error)));
    else ended(result);
  }

  private finish(run: Running): void {
    this.running.splice(this.running.indexOf(run), 1);
    this.locked = false;
    while (!this.locked) {
      const next = this.waiting.shift();
      if (next === undefined) return;
      next();
    }
  }
}

const responseOf = (error: unknown): string => `-ERR ${error instanceof Error ? error.message : String(error)}`.replaceAll(/[\r\n]+/g, ' ');

const headersOf = (run: Run, response?: string): Header[] => [
  ['Application', run.name], ...(run.argument === '' ? [] : [['Application-Data', run.argument] as const]),
  ...(response === undefined ? [] : [['Application-Response', response] as const]), ['Application-UUID', run.uuid],
];

/** `${name}` becomes the channel variable's value, or nothing; once, so that values are never taken for references. */
function expandVariables(text: string, channel: Channel): string {
  if (!text.includes('${')) return text;
  let room = MAXIMUM_ARGUMENT;
  return text.replaceAll(/\$\{([^{}]{1,256})\}/g, (_all, name: string) => {
    const value = channel.variable(name) ?? '';
    room -= value.length;
    return room < 0 ? '' : value;
  });
}

/** Resolves when the run is made to end. */
export const stopped = (run: Run): Promise<void> =>
  run.signal.aborted ? Promise.resolve() : new Promise((resolve) => run.signal.addEventListener('abort', () => resolve(), { once: true }));

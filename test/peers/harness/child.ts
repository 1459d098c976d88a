import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';

const OUTPUT_LIMIT = 256 * 1024;
const KILL_AFTER_MS = 3_000;

const running = new Set<Child>();
process.once('exit', () => { for (const child of running) child.signal('SIGKILL'); });

/** A program under test: its output is kept (the end of it), and it never outlives `stop`. */
export class Child {
  readonly process: ChildProcess;
  /** Resolves the exit code, or the signal's name, once the program has ended and its output is complete. */
  readonly ended: Promise<number | NodeJS.Signals>;
  private text = '';

  constructor(program: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
    this.process = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer): void => {
      this.text = (this.text + chunk.toString('utf8')).slice(-OUTPUT_LIMIT);
    };
    this.process.stdout?.on('data', keep);
    this.process.stderr?.on('data', keep);
    // A test that failed before it stopped its programs must not keep jest from ending; they end with it.
    this.process.unref();
    for (const stream of [this.process.stdout, this.process.stderr]) (stream as Socket | null)?.unref();
    running.add(this);
    this.process.once('exit', () => running.delete(this));
    this.ended = new Promise((resolve) => {
      this.process.once('error', (error) => {
        keep(Buffer.from(`${program}: ${error.message}\n`));
        resolve(127);
      });
      this.process.once('close', (code, signal) => resolve(code ?? signal ?? 0));
    });
  }

  /** What it wrote on standard output and standard error, the last 256 KiB. */
  get output(): string {
    return this.text;
  }

  get running(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Sends a signal; SIGKILL is what a crash looks like. */
  signal(signal: NodeJS.Signals): void {
    if (this.running) this.process.kill(signal);
  }

  /** Asks it to end, makes it end after three seconds, and waits for that. */
  async stop(): Promise<void> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), KILL_AFTER_MS);
    await this.ended;
    clearTimeout(timer);
  }
}

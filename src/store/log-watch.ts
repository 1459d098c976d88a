import fs from 'node:fs';

/** Longer than the kernel's tick: two writes within one may leave the same time on a file. */
const TICK_MS = 100;

/**
 * Says cheaply that nobody has written to a database in WAL mode: every commit, by whatever process, goes to the log beside the file
 * (`-wal`), and that has another time or size then.
 */
export class LogWatch {
  private readonly log: string;

  constructor(file: string) {
    this.log = `${file}-wal`;
  }

  /** Equal states mean that nothing was written between; undefined: something was written just now, or there is no log. */
  state(): string | undefined {
    const found = fs.statSync(this.log, { throwIfNoEntry: false });
    if (!found || Math.abs(Date.now() - found.mtimeMs) < TICK_MS) return undefined;
    return `${found.ino} ${found.mtimeMs} ${found.size}`;
  }
}

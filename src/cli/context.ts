import type { Command } from 'commander';
import type { Config } from '../config';

/** What every command gets: the effective configuration and where to write. One file a command group exports `register`. */
export interface CliContext {
  /** Loads the configuration on first use (`--config FILE`, `ETASILTA_…`); throws ConfigError. */
  config(): Promise<Config>;
  /** Data for the reader: `--json` prints `data` as one JSON document, otherwise `text()` is printed. */
  print(data: unknown, text: () => string): void;
  /** A line of progress or advice on standard error; progress overwrites itself on a terminal and is silent elsewhere. */
  note(line: string): void;
  progress(line: string): void;
  readonly stdin: NodeJS.ReadableStream;
}

/** Adds a group's commands to the program. Usage faults throw UsageError (exit code 2), anything else exits 1. */
export type RegisterCommands = (program: Command, context: CliContext) => void;

import type { Command } from 'commander';
import type { Config } from '../config';

/** What every command gets: the effective configuration and where to write. One file a command group exports `register`. */
export interface CliContext {
  /** Loads the configuration on first use (`--config FILE`, `ETASILTA_…`); throws ConfigError. */
  config(): Promise<Config>;
  /** Data for the reader: `--json` prints `data` as one JSON document, otherwise `text()` is printed. */
  print(data: unknown, text: () => string): void;
  /** A line of advice on standard error. */
  note(line: string): void;
  /** Progress on standard error: overwrites itself on a terminal and is silent elsewhere. */
  progress(line: string): void;
  /** True when `--json` was given. */
  readonly json: boolean;
  readonly stdin: NodeJS.ReadableStream;
}

/** Adds a group's commands to the program. Throw UsageError for wrong usage (exit code 2); anything else exits 1. */
export type RegisterCommands = (program: Command, context: CliContext) => void;

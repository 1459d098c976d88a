import { readFileSync } from 'node:fs';
import { EtasiltaError } from '../errors';
import { UsageError } from './usage-error';

/** A file that an option names cannot be read. */
export class OptionFileError extends EtasiltaError {}

/** One more value of an option that may be given again. */
export const collect = (value: string, sofar: string[] = []): string[] => [...sofar, value];

/** Text of a file that an option names. Throws OptionFileError. */
export function readOptionFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new OptionFileError('file', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/**
 * A secret from the option `--NAME`, the file of `--NAME-file` or the environment, in this order; empty where nobody says it.
 * Throws UsageError where both options are given, OptionFileError.
 */
export function secretOf(name: string, { given, file, variable }: { given?: string; file?: string; variable: string }): string {
  if (given !== undefined && file !== undefined) throw new UsageError(`--${name} and --${name}-file cannot both be given`);
  return given ?? (file === undefined ? process.env[variable] ?? '' : readOptionFile(file).trim());
}

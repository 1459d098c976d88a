import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { CliContext } from './context';
import { UsageError } from './usage-error';

export interface PasswordOptions {
  password?: boolean;
  passwordFile?: string;
}

/** The password that was asked for: from a file, from the terminal without echo, or the first line of standard input. */
export async function readPassword({ password, passwordFile }: PasswordOptions, context: CliContext): Promise<string | undefined> {
  if (passwordFile !== undefined) {
    const text = await readFile(passwordFile, 'utf8').catch((error: Error) => {
      throw new UsageError(`--password-file ${passwordFile}: ${error.message}`);
    });
    return notEmpty(text.split(/\r?\n/, 1)[0] ?? '', `${passwordFile} begins with an empty line`);
  }
  if (!password) return undefined;
  const terminal = (context.stdin as NodeJS.ReadStream).isTTY === true;
  if (terminal) process.stderr.write('Password: ');
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: context.stdin, output: silent, terminal });
  try {
    for await (const line of lines) return notEmpty(line, 'the password is empty');
    throw new UsageError('no password came on standard input');
  } finally {
    lines.close();
    if (terminal) process.stderr.write('\n');
  }
}

function notEmpty(password: string, reason: string): string {
  if (password === '') throw new UsageError(reason);
  return password;
}

import { type AnyKind, type AnyRecord, describeRecord, DirectoryRepository, type DirectoryStore, type Membership, openDirectoryStore } from '../directory';
import type { CliContext } from './context';

/** Opens the directory of the configured data folder for one command. */
export async function withDirectory<T>(context: CliContext, work: (directory: DirectoryRepository, store: DirectoryStore) => Promise<T>): Promise<T> {
  const { dataDir } = await context.config();
  const store = await openDirectoryStore(dataDir);
  try {
    return await work(new DirectoryRepository(store), store);
  } finally {
    await store.close();
  }
}

/** The record as it may be printed: that there are credentials, but no digests. */
export function publicRecord(record: AnyRecord): AnyRecord {
  const { credentials, ...rest } = record as { credentials?: { username: string; realm: string } };
  return credentials ? { ...rest, credentials: { username: credentials.username, realm: credentials.realm } } : rest;
}

/** `column  value` line by line. */
export function formatRecord(kind: AnyKind, record: AnyRecord): string {
  const lines = [...describeRecord(kind, record)];
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${name.padEnd(width)}  ${value.replace(/\n/g, `\n${' '.repeat(width + 2)}`)}`).join('\n');
}

export const memberOf = ({ device, person }: Membership): string => device ?? person ?? '';

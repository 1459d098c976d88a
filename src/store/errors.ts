import { EtasiltaError } from '../errors';

export type StoreErrorCode =
  | 'store-busy' | 'store-closed' | 'store-constraint' | 'store-corrupt' | 'store-failed' | 'store-full' | 'store-nested'
  | 'store-newer' | 'store-open' | 'store-readonly';

/** Something is wrong with a database file or with how it is used; the hint says what to do. */
export class StoreError extends EtasiltaError {
  declare readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, hint?: string, cause?: unknown) {
    super(code, message, { hint, cause, sipStatus: 500, q850: 41 });
  }
}

const BY_RESULT: Record<string, [StoreErrorCode, string, string]> = {
  SQLITE_BUSY: ['store-busy', 'is locked by another process', 'Try again; if it persists, find the process that holds the file open in a long write.'],
  SQLITE_LOCKED: ['store-busy', 'is locked by another process', 'Try again; if it persists, find the process that holds the file open in a long write.'],
  SQLITE_FULL: ['store-full', 'cannot grow: the disk is full', 'Free space on the disk that holds the file, then repeat; nothing of this change was kept.'],
  SQLITE_NOTADB: ['store-corrupt', 'is not a database of this program', 'Move the file away and restore a back-up, or start again with an import.'],
  SQLITE_CORRUPT: ['store-corrupt', 'is damaged', 'Move the file away (with its -wal and -shm files) and restore a back-up.'],
  SQLITE_READONLY: ['store-readonly', 'cannot be written', 'Give the user that runs this program write permission to the file and to its folder.'],
  SQLITE_PERM: ['store-readonly', 'cannot be written', 'Give the user that runs this program write permission to the file and to its folder.'],
  SQLITE_CANTOPEN: ['store-open', 'cannot be opened', 'Check that the folder exists and that the user that runs this program may write to it.'],
  SQLITE_IOERR: ['store-failed', 'could not be read or written', 'Check the disk and the file system that hold the file.'],
  SQLITE_CONSTRAINT: ['store-constraint', 'refused the change', 'The change breaks a rule of the schema; see the reason.'],
};

/** Turns an error of the sqlite3 package into a StoreError that names the file; other errors pass unchanged. */
export function storeError(error: unknown, file: string): unknown {
  const result = (error as { code?: unknown } | null)?.code;
  if (error instanceof EtasiltaError || typeof result !== 'string' || !result.startsWith('SQLITE_')) return error;
  const reason = (error as Error).message.replace(/^SQLITE_\w+: /, '');
  const known = BY_RESULT[result];
  return known
    ? new StoreError(known[0], `database ${file} ${known[1]} (${reason})`, known[2], error)
    : new StoreError('store-failed', `database ${file}: ${reason}`, undefined, error);
}

import { AsyncLocalStorage } from 'node:async_hooks';
import { type CompiledQuery, createQueryId, type DatabaseConnection, type Driver, type QueryCompiler, RawNode, type TransactionSettings } from 'kysely';
import type { SqliteConnection } from './connection';
import { StoreError } from './errors';
import { Lock } from './lock';

/**
 * One connection shared by every asynchronous user of a store. A transaction holds it from BEGIN to COMMIT, so that nobody
 * else's statement can fall inside. Writers begin IMMEDIATE: they wait for another process's writer at BEGIN (busy timeout)
 * instead of failing in the middle, where SQLite cannot upgrade a stale read.
 */
export class SqliteDriver implements Driver {
  private readonly lock: Lock;
  private readonly inside = new AsyncLocalStorage<{ open: boolean }>();
  private closed = false;

  constructor(private readonly connection: SqliteConnection, private readonly file: string) {
    this.lock = new Lock(file);
  }

  get isClosed(): boolean {
    return this.closed;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.inside.getStore()?.open) {
      throw new StoreError('store-nested', `database ${this.file}: a query outside the transaction under way would wait for itself`, 'Use the handle that the transaction gives.');
    }
    await this.lock.acquire();
    if (this.closed) {
      this.lock.release();
      throw new StoreError('store-closed', `database ${this.file} is closed`);
    }
    return this.connection;
  }

  async releaseConnection(): Promise<void> {
    this.lock.release();
  }

  /** Runs a transaction's work so that a query that bypasses the transaction's handle fails at once instead of hanging. */
  async guarded<T>(work: () => Promise<T>): Promise<T> {
    const scope = { open: true };
    try {
      return await this.inside.run(scope, work);
    } finally {
      scope.open = false;
      // While one is in use, Node follows every promise of the process, which all of them would pay for.
      this.inside.disable();
    }
  }

  async beginTransaction(_connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    await this.connection.execute(settings.accessMode === 'read only' ? 'begin' : 'begin immediate');
  }

  async commitTransaction(): Promise<void> {
    await this.connection.execute('commit');
  }

  /** A full disk makes SQLite roll back by itself; the error that told so must not be hidden by a second one. */
  async rollbackTransaction(): Promise<void> {
    await this.connection.execute('rollback').catch((error: unknown) => {
      if (!(error instanceof StoreError && error.message.includes('no transaction is active'))) throw error;
    });
  }

  async savepoint(connection: DatabaseConnection, name: string, compile: QueryCompiler['compileQuery']): Promise<void> {
    await this.command(connection, 'savepoint', name, compile);
  }

  async rollbackToSavepoint(connection: DatabaseConnection, name: string, compile: QueryCompiler['compileQuery']): Promise<void> {
    await this.command(connection, 'rollback to', name, compile);
  }

  async releaseSavepoint(connection: DatabaseConnection, name: string, compile: QueryCompiler['compileQuery']): Promise<void> {
    await this.command(connection, 'release', name, compile);
  }

  async destroy(): Promise<void> {
    if (this.closed) return;
    await this.lock.acquire();
    this.closed = true;
    await this.connection.close().finally(() => this.lock.release());
  }

  private async command(connection: DatabaseConnection, verb: string, name: string, compile: QueryCompiler['compileQuery']): Promise<void> {
    await connection.executeQuery(compile(RawNode.createWithSql(`${verb} "${name.replace(/"/g, '""')}"`), createQueryId()) as CompiledQuery);
  }
}

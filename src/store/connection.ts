import { Database, type Statement } from 'sqlite3';
import { type CompiledQuery, type DatabaseConnection, DeleteQueryNode, InsertQueryNode, type QueryResult, SelectQueryNode, UpdateQueryNode } from 'kysely';
import { storeError } from './errors';

/** Prepared statements kept for reuse; the least recently used one goes first. */
const STATEMENT_CACHE = 256;

const YIELDS_ROWS = /^\s*(select|with|pragma|explain|values)\b|\breturning\b/i;
const READS = /^\s*(select|pragma|explain|values)\b/i;

/** One SQLite connection for one user at a time (the driver's lock sees to that), who may have several different queries under way. */
export class SqliteConnection implements DatabaseConnection {
  /** Statements that may have changed data since opening. */
  writes = 0;
  private readonly statements = new Map<string, Statement>();

  private constructor(private readonly database: Database, private readonly file: string) {}

  static open(file: string): Promise<SqliteConnection> {
    return new Promise((resolve, reject) => {
      const database: Database = new Database(file, (error) =>
        error ? reject(storeError(error, file)) : resolve(new SqliteConnection(database, file)));
    });
  }

  async executeQuery<R>(compiled: CompiledQuery): Promise<QueryResult<R>> {
    const { sql, parameters, query } = compiled;
    const statement = await this.prepared(sql);
    if (!READS.test(sql)) this.writes++;
    if (SelectQueryNode.is(query) || YIELDS_ROWS.test(sql)) {
      const rows = await new Promise<R[]>((resolve, reject) =>
        statement.all<R>(parameters, (error, found) => (error ? reject(storeError(error, this.file)) : resolve(found))));
      return { rows, numAffectedRows: changes(query, rows.length) };
    }
    const file = this.file;
    return new Promise((resolve, reject) =>
      statement.run(parameters, function (error) {
        if (error) reject(storeError(error, file));
        else resolve({ rows: [], numAffectedRows: BigInt(this.changes), insertId: BigInt(this.lastID) });
      }));
  }

  /** All rows in one piece: the sqlite3 package hands them over so; callers with many rows page by key. */
  async *streamQuery<R>(compiled: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(compiled);
  }

  /** Rows of a statement that is asked again and again outside Kysely; prepared once. */
  async rows(sql: string): Promise<Record<string, unknown>[]> {
    const statement = await this.prepared(sql);
    return new Promise((resolve, reject) =>
      statement.all<Record<string, unknown>>((error, rows) => (error ? reject(storeError(error, this.file)) : resolve(rows))));
  }

  /** Runs one statement that stands outside the cache: BEGIN, COMMIT, PRAGMA. */
  execute(sql: string): Promise<Record<string, unknown>[]> {
    return new Promise((resolve, reject) =>
      this.database.all<Record<string, unknown>>(sql, (error, rows) => (error ? reject(storeError(error, this.file)) : resolve(rows))));
  }

  async close(): Promise<void> {
    await Promise.all([...this.statements.values()].map((statement) => finalize(statement)));
    this.statements.clear();
    await new Promise<void>((resolve, reject) =>
      this.database.close((error) => (error ? reject(storeError(error, this.file)) : resolve())));
  }

  private async prepared(sql: string): Promise<Statement> {
    let statement = this.statements.get(sql);
    if (statement) {
      this.statements.delete(sql);
    } else {
      statement = await new Promise<Statement>((resolve, reject) => {
        const made = this.database.prepare(sql, (error) => (error ? reject(storeError(error, this.file)) : resolve(made)));
      });
      const oldest = this.statements.size >= STATEMENT_CACHE ? this.statements.entries().next().value : undefined;
      if (oldest) {
        this.statements.delete(oldest[0]);
        await finalize(oldest[1]);
      }
    }
    this.statements.set(sql, statement);
    return statement;
  }
}

const finalize = (statement: Statement): Promise<void> => new Promise((resolve) => statement.finalize(() => resolve()));

/** Kysely wants the count of changed rows of a changing query with RETURNING: each changed row is returned. */
const changes = (query: CompiledQuery['query'], rows: number): bigint | undefined =>
  InsertQueryNode.is(query) || UpdateQueryNode.is(query) || DeleteQueryNode.is(query) ? BigInt(rows) : undefined;

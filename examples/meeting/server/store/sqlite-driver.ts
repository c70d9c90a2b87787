/**
 * Kysely on node-sqlite3-wasm: one connection, lent to one user at a time in the order of asking. Statements stay prepared
 * for reuse; the library collects no garbage, so each is finalised when it is put out, fails, or the database closes.
 */
import {
  CompiledQuery,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
} from 'kysely';
import type sqlite from 'node-sqlite3-wasm';

type SqliteDatabase = InstanceType<typeof sqlite.Database>;
type Statement = ReturnType<SqliteDatabase['prepare']>;

const MAX_PREPARED = 200;

export class SqliteWasmDialect implements Dialect {
  constructor(private readonly database: SqliteDatabase) {}
  createDriver(): Driver {
    return new SqliteWasmDriver(this.database);
  }
  createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler();
  }
  createAdapter(): SqliteAdapter {
    return new SqliteAdapter();
  }
  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

class SqliteWasmDriver implements Driver {
  readonly #database: SqliteDatabase;
  readonly #connection: SqliteWasmConnection;
  readonly #waiting: (() => void)[] = [];
  #lent = false;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#connection = new SqliteWasmConnection(database);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#lent) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#lent = true;
    return this.#connection;
  }

  /** Hands the connection on without a gap, so that nobody gets in before those who wait. */
  async releaseConnection(): Promise<void> {
    const next = this.#waiting.shift();
    if (next === undefined) this.#lent = false;
    else next();
    return Promise.resolve();
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  /** A full disk or a failed write has rolled back by itself already. */
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.inTransaction) await connection.executeQuery(CompiledQuery.raw('rollback'));
  }

  async destroy(): Promise<void> {
    this.#connection.finalizeAll();
    this.#database.close();
    return Promise.resolve();
  }
}

class SqliteWasmConnection implements DatabaseConnection {
  readonly #database: SqliteDatabase;
  /** By SQL, the one used longest ago first. */
  readonly #prepared = new Map<string, Statement>();

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    // A rejected promise, never a throw: callers are in the middle of theirs.
    try {
      return Promise.resolve(this.#execute<R>(query));
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    await Promise.reject(new Error('this driver does not stream: read in pages'));
  }

  finalizeAll(): void {
    for (const sql of [...this.#prepared.keys()]) this.#finalize(sql);
  }

  #execute<R>({ sql, parameters, query }: CompiledQuery): QueryResult<R> {
    const values = parameters.map(bindable);
    const statement = this.#prepare(sql);
    try {
      const writes =
        query.kind === 'InsertQueryNode' ||
        query.kind === 'UpdateQueryNode' ||
        query.kind === 'DeleteQueryNode';
      if (writes && query.returning === undefined) {
        return { rows: [], numAffectedRows: BigInt(statement.run(values).changes) };
      }
      const rows = statement.all(values) as R[];
      return writes ? { rows, numAffectedRows: BigInt(rows.length) } : { rows };
    } catch (error) {
      // A statement that failed refuses to be reset.
      this.#finalize(sql);
      throw error;
    }
  }

  #prepare(sql: string): Statement {
    const known = this.#prepared.get(sql);
    if (known !== undefined) this.#prepared.delete(sql);
    const statement = known ?? this.#database.prepare(sql);
    this.#prepared.set(sql, statement);
    if (this.#prepared.size > MAX_PREPARED) this.#finalize(this.#prepared.keys().next().value!);
    return statement;
  }

  #finalize(sql: string): void {
    const statement = this.#prepared.get(sql);
    this.#prepared.delete(sql);
    try {
      statement?.finalize();
    } catch {
      // It repeats the error of the last run, which was told already; the statement is gone all the same.
    }
  }
}

type Bindable = string | number | bigint | Uint8Array | null;

/** The library would cut a text at a NUL without a word. */
function bindable(value: unknown): Bindable {
  if (typeof value === 'string' && value.includes('\0'))
    throw new Error('a text with a NUL cannot be stored');
  return value as Bindable;
}

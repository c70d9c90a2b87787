/** PostgreSQL, 13 or newer. */
import { CamelCasePlugin, CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { Backend } from './backend.js';
import { StoreError } from './errors.js';
import type { Database, Tables } from './tables.js';

const MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 10_000;
/** Of the advisory lock that makes transactions wait for each other: any number that is ours alone in the database. */
const TRANSACTION_LOCK = 7_368_757;
const INT8 = 20;

export async function openPostgres(databaseUrl: string): Promise<Backend> {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'sluss-meeting',
    types: { getTypeParser: parserOf },
  });
  // A connection that breaks while nobody uses it; the next query takes another, or tells.
  pool.on('error', () => undefined);
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({
      pool,
      // A server that acknowledges before it has written would break our promise.
      onCreateConnection: async (connection) => {
        await connection.executeQuery(CompiledQuery.raw('set synchronous_commit = on'));
      },
    }),
    plugins: [new CamelCasePlugin()],
  });
  try {
    await sql`select 1`.execute(db);
  } catch (cause) {
    await db.destroy();
    throw new StoreError(
      'unavailable',
      `PostgreSQL cannot be used (${reasonOf(cause)}): check DATABASE_URL, and that its server runs and lets us in`,
      { cause },
    );
  }
  return {
    kind: 'postgres',
    db,
    beginAlone: async (transaction: Database) => {
      await sql`select pg_advisory_xact_lock(${TRANSACTION_LOCK})`.execute(transaction);
    },
    meaningOf,
    tidy: () => Promise.resolve(),
    backupTo: () => Promise.reject(new StoreError('misuse', 'PostgreSQL is backed up by its own pg_dump')),
    close: () => db.destroy(),
  };
}

/** Counts and times are far below 2^53: as numbers, not as text. */
function parserOf(type: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (type === INT8 && format !== 'binary') return Number;
  return pg.types.getTypeParser(type, 'text') as (value: string) => unknown;
}

function meaningOf(error: unknown): 'duplicate' | 'missing-reference' | 'unavailable' | null {
  if (!(error instanceof Error)) return null;
  const code = (error as { code?: unknown }).code;
  if (code === '23505') return 'duplicate';
  if (code === '23503') return 'missing-reference';
  // Class 08: connection; 57P: shut down; Node's own codes; pg's errors of a lost connection have none.
  if (typeof code === 'string')
    return /^(08|57P|ECONN|ENOENT|ETIMEDOUT|EPIPE)/.test(code) ? 'unavailable' : null;
  return /connection|timeout/i.test(error.message) ? 'unavailable' : null;
}

/** An address that refuses on both IPv4 and IPv6 has an empty message. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}

/** The way of somebody who has the database but not the service: SQL, past every rule. The store must be closed. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import pg from 'pg';
import type { OpenStoreOptions } from '../../../examples/meeting/server/store/store.js';

export async function rawSql(
  { databaseUrl, dataDir }: OpenStoreOptions,
  ...statements: string[]
): Promise<void> {
  if (databaseUrl === undefined) rawSqlite(join(dataDir, 'meeting.sqlite'), statements);
  else await rawPostgres(databaseUrl, statements);
}

function rawSqlite(file: string, statements: readonly string[]): void {
  const database = new sqlite.Database(file, { fileMustExist: true });
  try {
    database.exec('pragma locking_mode = exclusive');
    for (const statement of statements) database.exec(statement);
  } finally {
    database.close();
    rmSync(`${file}.lock`, { recursive: true, force: true });
  }
}

async function rawPostgres(databaseUrl: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Somebody who may alter tables takes the triggers away first. */
export function dropAuditTriggers({ databaseUrl }: OpenStoreOptions): string[] {
  if (databaseUrl === undefined) return ['drop trigger audit_no_update', 'drop trigger audit_no_delete'];
  return ['drop trigger audit_no_change on audit'];
}

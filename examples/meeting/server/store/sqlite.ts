/**
 * SQLite in the data folder.
 *
 * The library's file system keeps SQLite's locks as a folder `<file>.lock` that outlives a killed process, and takes its own
 * lock for another's when it looks for a rollback journal: after a crash it would leave half a transaction in the file.
 * So there is a lock of our own (sqlite-lock.ts), the journal is a write-ahead log, whose recovery asks for no locks, and the
 * connection holds the file alone (`locking_mode = exclusive`), as a log without shared memory needs.
 * `synchronous = full` brings each commit to the disk before it is acknowledged.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { CamelCasePlugin, Kysely, sql } from 'kysely';
import sqlite from 'node-sqlite3-wasm';
import type { Backend } from './backend.js';
import { StoreError } from './errors.js';
import { SqliteWasmDialect } from './sqlite-driver.js';
import { lockFile } from './sqlite-lock.js';
import type { Tables } from './tables.js';

export const SQLITE_FILE = 'meeting.sqlite';

export async function openSqlite(dataDir: string): Promise<Backend> {
  const file = join(dataDir, SQLITE_FILE);
  makeFolder(dataDir);
  const unlock = await lockFile(dataDir, `${SQLITE_FILE}-server`);
  try {
    // Ours alone now, so a lock of the library is a dead process's.
    rmSync(`${file}.lock`, { recursive: true, force: true });
    const database = openFile(file, dataDir);
    const db = new Kysely<Tables>({
      dialect: new SqliteWasmDialect(database),
      plugins: [new CamelCasePlugin()],
    });
    return {
      kind: 'sqlite',
      db,
      // One connection: whoever has it is alone.
      beginAlone: () => Promise.resolve(),
      meaningOf,
      tidy: async () => {
        await sql`pragma wal_checkpoint(truncate)`.execute(db);
      },
      backupTo: (file) => backup(db, file),
      close: async () => {
        try {
          await db.destroy();
        } finally {
          unlock();
        }
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

function makeFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unavailable(dataDir, error);
  }
}

function openFile(file: string, dataDir: string): InstanceType<typeof sqlite.Database> {
  let database: InstanceType<typeof sqlite.Database> | undefined;
  try {
    // For the service's user only, before anything stands in it.
    if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
    database = new sqlite.Database(file);
    database.exec('pragma locking_mode = exclusive');
    const mode = database.get('pragma journal_mode = wal') as { journal_mode: string } | null;
    if (mode?.journal_mode !== 'wal') throw new Error('no write-ahead log on this file system');
    database.exec('pragma synchronous = full');
    database.exec('pragma foreign_keys = on');
    // What is erased is overwritten.
    database.exec('pragma secure_delete = on');
    syncFile(dataDir);
    return database;
  } catch (error) {
    database?.close();
    throw unavailable(file, error);
  }
}

/** Whole or not at all: it gets its name when all of it is on the disk. */
async function backup(db: Kysely<Tables>, file: string): Promise<void> {
  const part = `${file}.part`;
  try {
    if (existsSync(file)) throw new Error('there is such a file already');
    closeSync(openSync(part, 'w', 0o600));
    await sql`vacuum into ${part}`.execute(db);
    syncFile(part);
    renameSync(part, file);
    syncFile(dirname(file));
  } catch (cause) {
    rmSync(part, { force: true });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError('unavailable', `the backup ${file} cannot be written: ${reason}`, { cause });
  }
}

/** Of a folder too: the entries of new files must survive a power cut as well. */
function syncFile(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function meaningOf(error: unknown): 'duplicate' | 'missing-reference' | null {
  const message = error instanceof sqlite.SQLite3Error ? error.message : '';
  if (message.startsWith('UNIQUE constraint failed')) return 'duplicate';
  if (message.startsWith('FOREIGN KEY constraint failed')) return 'missing-reference';
  return null;
}

function unavailable(path: string, cause: unknown): StoreError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StoreError(
    'unavailable',
    `the database ${path} cannot be opened (${reason}): check DATA_DIR, its owner and the space on its disk`,
    { cause },
  );
}

/**
 * Brings a database to the version of this code, at opening, in one transaction. A migration that was released is never
 * changed; a new one gets the next number and stands last in `MIGRATIONS`.
 */
import type { Kysely } from 'kysely';
import { StoreError } from '../errors.js';
import { first } from './0001-first.js';
import { seriesAndOrder } from './0002-series-and-order.js';
import { encryptedOrNot } from './0003-encrypted-or-not.js';

export interface Migration {
  version: number;
  name: string;
  up(db: Kysely<unknown>, kind: 'sqlite' | 'postgres'): Promise<void>;
}

export const MIGRATIONS: readonly Migration[] = [first, seriesAndOrder, encryptedOrNot];

/** `db`: a transaction that keeps others out. Rejects with `newer-database`. */
export async function migrate(
  db: Kysely<unknown>,
  kind: 'sqlite' | 'postgres',
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const versions = db as Kysely<{ schemaVersions: { version: number; name: string } }>;
  await versions.schema
    .createTable('schemaVersions')
    .ifNotExists()
    .addColumn('version', 'bigint', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .execute();
  const applied = await versions.selectFrom('schemaVersions').selectAll().orderBy('version').execute();
  const last = applied[applied.length - 1]?.version ?? 0;
  const known = migrations[migrations.length - 1]?.version ?? 0;
  if (last > known) {
    throw new StoreError(
      'newer-database',
      `the database is of version ${last}, but this service knows versions up to ${known} only: ` +
        'start the newer service again, or restore the backup from before the upgrade',
    );
  }
  for (const migration of migrations) {
    if (migration.version <= last) continue;
    await migration.up(db, kind);
    await versions
      .insertInto('schemaVersions')
      .values({ version: migration.version, name: migration.name })
      .execute();
  }
}

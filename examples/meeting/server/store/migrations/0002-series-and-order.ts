/** Invitations to a series, and the order in which rows were written: several may be of the same millisecond. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from './migrate.js';

export const seriesAndOrder: Migration = { version: 2, name: 'series-and-order', up };

const ORDERED = ['invitations', 'participants', 'payments', 'outbox', 'apiKeys'];

async function up(db: Kysely<unknown>, kind: 'sqlite' | 'postgres'): Promise<void> {
  await db.schema.alterTable('meetings').addColumn('slotAt', 'bigint').execute();
  for (const name of ['seriesId', 'seriesTokenHash']) {
    await db.schema.alterTable('invitations').addColumn(name, 'text').execute();
    await db.schema.createIndex(`invitations_${name}`).on('invitations').column(name).execute();
  }
  await db.schema
    .alterTable('invitations')
    .addColumn('sequence', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  for (const table of ORDERED) {
    await (kind === 'sqlite' ? orderSqlite(db, table) : orderPostgres(db, table));
    await db.schema.createIndex(`${table}_writeOrder`).on(table).column('writeOrder').execute();
  }
}

/** Not the row's own number, which a vacuum may change. */
async function orderSqlite(db: Kysely<unknown>, table: string): Promise<void> {
  await db.schema.alterTable(table).addColumn('writeOrder', 'bigint').execute();
  const name = sql.table(table);
  await sql`update ${name} set write_order = rowid`.execute(db);
  await sql`create trigger ${sql.ref(`${table}_number`)} after insert on ${name} begin
    update ${name} set write_order = (select coalesce(max(write_order), 0) + 1 from ${name}) where rowid = new.rowid;
    end`.execute(db);
}

async function orderPostgres(db: Kysely<unknown>, table: string): Promise<void> {
  await db.schema.alterTable(table).addColumn('writeOrder', 'bigserial').execute();
}

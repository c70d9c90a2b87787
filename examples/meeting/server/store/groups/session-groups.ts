/** Sessions and settings. */
import { RecordTable } from '../record-table.js';
import type { SessionRecord } from '../records.js';
import type { Scope } from '../scope.js';
import type { SessionStore, SettingStore } from '../store.js';
import type { Database } from '../tables.js';

export function sessionTable(db: Database): RecordTable<SessionRecord> {
  return new RecordTable(db, { table: 'sessions', key: 'idHash', json: ['identity'] });
}

export function sessionStore({ db, atomically }: Scope): SessionStore {
  const table = sessionTable(db);
  return {
    insert: (record) => table.insert(record),
    get: (idHash) => table.get(idHash),
    update: (idHash, change) => table.update(idHash, change),
    replace: (oldIdHash, record) =>
      atomically(async (within) => {
        await sessionTable(within).insert(record);
        await within
          .updateTable('participants')
          .set({ sessionHash: record.idHash })
          .where('sessionHash', '=', oldIdHash)
          .execute();
        await within.deleteFrom('sessions').where('idHash', '=', oldIdHash).execute();
      }),
    delete: async (idHash) => {
      await db.deleteFrom('sessions').where('idHash', '=', idHash).execute();
    },
  };
}

export function settingStore({ db }: Scope): SettingStore {
  return {
    get: async <T>(key: string) => {
      const row = await db.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst();
      return row === undefined ? null : (JSON.parse(row.value) as T);
    },
    set: async (key, value) => {
      const text = JSON.stringify(value);
      await db
        .insertInto('settings')
        .values({ key, value: text })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: text }))
        .execute();
    },
    delete: async (key) => {
      await db.deleteFrom('settings').where('key', '=', key).execute();
    },
  };
}

/** Organisations and what belongs to them: organisers, rooms, meeting types, API keys. */
import { RecordTable } from '../record-table.js';
import type {
  ApiKeyRecord,
  MeetingTypeRecord,
  OrganisationRecord,
  OrganiserRecord,
  RoomRecord,
} from '../records.js';
import type { Scope } from '../scope.js';
import type {
  ApiKeyStore,
  MeetingTypeStore,
  OrganisationStore,
  OrganiserStore,
  RoomStore,
} from '../store.js';

export function organisationStore({ db }: Scope): OrganisationStore {
  const table = new RecordTable<OrganisationRecord>(db, {
    table: 'organisations',
    json: ['support', 'providers', 'retention', 'roomPackage'],
    flags: ['keepEvidence', 'active'],
  });
  return {
    insert: (record) => table.insert(record),
    get: (id) => table.get(id),
    update: (id, change) => table.update(id, change),
    list: async () => byName(table.decodeAll(await db.selectFrom('organisations').selectAll().execute())),
  };
}

export function organiserStore({ db, atomically }: Scope): OrganiserStore {
  const tableIn = (within: Scope['db']): RecordTable<OrganiserRecord> =>
    new RecordTable<OrganiserRecord>(within, { table: 'organisers', json: ['roles'], flags: ['active'] });
  const table = tableIn(db);
  const active = () => db.selectFrom('organisers').selectAll().where('active', '=', 1);
  return {
    insert: (record) => table.insert({ ...record, email: record.email.toLowerCase() }),
    get: (id) => table.get(id),
    findBySubject: async (hash) => {
      const query = active().where((where) =>
        where.or([where('personalNumberHash', '=', hash), where('hsaIdHash', '=', hash)]),
      );
      return table.decodeOrNull(await query.executeTakeFirst());
    },
    findByEmail: async (email) =>
      table.decodeOrNull(await active().where('email', '=', email.toLowerCase()).executeTakeFirst()),
    list: async (organisationId) => {
      const query = db.selectFrom('organisers').selectAll().where('organisationId', '=', organisationId);
      return byName(table.decodeAll(await query.execute()));
    },
    isEmpty: async () => (await active().limit(1).executeTakeFirst()) === undefined,
    update: (id, change) =>
      atomically(async (within) => {
        const email = change.email?.toLowerCase();
        const record = await tableIn(within).update(id, { ...change, email });
        if (!record.active) await within.deleteFrom('sessions').where('organiserId', '=', id).execute();
        return record;
      }),
  };
}

export function roomStore({ db }: Scope): RoomStore {
  const table = new RecordTable<RoomRecord>(db, { table: 'rooms', flags: ['active'] });
  return {
    insert: (record) => table.insert(record),
    get: (id) => table.get(id),
    update: (id, change) => table.update(id, change),
    list: async ({ organisationId, organiserId }) => {
      let query = db
        .selectFrom('rooms')
        .selectAll()
        .where('organisationId', '=', organisationId)
        .where('active', '=', 1);
      if (organiserId !== undefined) query = query.where('organiserId', '=', organiserId);
      return byName(table.decodeAll(await query.execute()));
    },
  };
}

export function meetingTypeStore({ db }: Scope): MeetingTypeStore {
  const table = new RecordTable<MeetingTypeRecord>(db, {
    table: 'meetingTypes',
    json: ['approvedClass'],
    flags: ['active'],
  });
  return {
    insert: (record) => table.insert(record),
    get: (id) => table.get(id),
    update: (id, change) => table.update(id, change),
    list: async (organisationId) => {
      const query = db
        .selectFrom('meetingTypes')
        .selectAll()
        .where('organisationId', '=', organisationId)
        .where('active', '=', 1);
      return byName(table.decodeAll(await query.execute()));
    },
  };
}

export function apiKeyStore({ db }: Scope): ApiKeyStore {
  const table = new RecordTable<ApiKeyRecord>(db, { table: 'apiKeys' });
  return {
    insert: (record) => table.insert(record),
    findByHash: async (keyHash) =>
      table.decodeOrNull(
        await db.selectFrom('apiKeys').selectAll().where('keyHash', '=', keyHash).executeTakeFirst(),
      ),
    list: async (organisationId) => {
      const query = db.selectFrom('apiKeys').selectAll().where('organisationId', '=', organisationId);
      return table.decodeAll(await query.orderBy('writeOrder').execute());
    },
    touch: async (id, now) => {
      await db.updateTable('apiKeys').set({ lastUsedAt: now }).where('id', '=', id).execute();
    },
    delete: async (organisationId, id) => {
      const query = db
        .deleteFrom('apiKeys')
        .where('id', '=', id)
        .where('organisationId', '=', organisationId);
      return (await query.executeTakeFirst()).numDeletedRows > 0n;
    },
  };
}

const collator = new Intl.Collator('sv');

/** In the order of the Swedish alphabet, which not every database knows. */
function byName<T extends { id: string; name: string }>(records: T[]): T[] {
  return records.sort((a, b) => collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
}

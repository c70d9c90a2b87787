/** Meetings, who is invited to them, who came, and the state of their lobbies. */
import { StoreError } from '../errors.js';
import { RecordTable } from '../record-table.js';
import type { InvitationRecord, LobbyRecord, MeetingRecord, ParticipantRecord } from '../records.js';
import type { Scope } from '../scope.js';
import type { InvitationStore, MeetingStore, ParticipantStore } from '../store.js';
import type { Database } from '../tables.js';

const DEFAULT_LIMIT = 1000;

export function meetingTable(db: Database): RecordTable<MeetingRecord> {
  return new RecordTable(db, { table: 'meetings', json: ['informationClass', 'assessment', 'payment'] });
}

export function meetingStore({ db }: Scope): MeetingStore {
  const table = meetingTable(db);
  return {
    insert: async (record) => {
      const meeting = { ...record, version: 1 };
      await table.insert(meeting);
      return meeting;
    },
    get: (id) => table.get(id),
    update: (id, version, change) => table.update(id, { ...change, version: version + 1 }, { version }),
    list: async (filter) => {
      let query = db.selectFrom('meetings').selectAll();
      for (const column of ['organisationId', 'organiserId', 'roomId', 'seriesId'] as const) {
        const value = filter[column];
        if (value !== undefined) query = query.where(column, '=', value);
      }
      if (filter.status?.length === 0) return [];
      if (filter.status !== undefined) query = query.where('status', 'in', filter.status);
      if (filter.from !== undefined) query = query.where('startsAt', '>=', filter.from);
      if (filter.to !== undefined) query = query.where('startsAt', '<', filter.to);
      query = query
        .orderBy('startsAt')
        .orderBy('id')
        .limit(filter.limit ?? DEFAULT_LIMIT);
      return table.decodeAll(await query.execute());
    },
  };
}

export function invitationStore({ db }: Scope): InvitationStore {
  const table = new RecordTable<InvitationRecord>(db, { table: 'invitations' });
  return {
    insert: (record) => table.insert(record),
    get: (id) => table.get(id),
    update: (id, change) => table.update(id, change),
    findByTokenHash: async (tokenHash) =>
      table.decodeOrNull(
        await db.selectFrom('invitations').selectAll().where('tokenHash', '=', tokenHash).executeTakeFirst(),
      ),
    list: async (meetingIds) => {
      if (meetingIds.length === 0) return [];
      const query = db.selectFrom('invitations').selectAll().where('meetingId', 'in', meetingIds);
      return table.decodeAll(await query.orderBy('writeOrder').execute());
    },
    listSeries: async (of) => {
      const [column, value] =
        'seriesId' in of
          ? (['seriesId', of.seriesId] as const)
          : (['seriesTokenHash', of.tokenHash] as const);
      const query = db.selectFrom('invitations').selectAll().where(column, '=', value);
      return table.decodeAll(await query.orderBy('writeOrder').execute());
    },
  };
}

export function participantStore({ db }: Scope): ParticipantStore {
  const table = new RecordTable<ParticipantRecord>(db, { table: 'participants' });
  const lobbies = new RecordTable<LobbyRecord>(db, { table: 'lobbies', key: 'meetingId', json: ['state'] });
  const all = () => db.selectFrom('participants').selectAll();
  return {
    insert: (record) => table.insert(record),
    get: (id) => table.get(id),
    update: (id, change) => table.update(id, change),
    findByInvitation: async (invitationId) =>
      table.decodeOrNull(await all().where('invitationId', '=', invitationId).executeTakeFirst()),
    findBySubject: async (meetingId, subjectHash) => {
      const query = all().where('meetingId', '=', meetingId).where('subjectHash', '=', subjectHash);
      return table.decodeOrNull(await query.executeTakeFirst());
    },
    list: async (meetingIds) => {
      if (meetingIds.length === 0) return [];
      return table.decodeAll(
        await all().where('meetingId', 'in', meetingIds).orderBy('writeOrder').execute(),
      );
    },
    lobby: (meetingId) => lobbies.get(meetingId),
    saveLobby: async (meetingId, version, state, now) => {
      const record = { meetingId, state, version: version + 1, updatedAt: now };
      if (version === 0) await insertLobby(db, lobbies.encode(record));
      else await updateLobby(lobbies, record, version);
      return record.version;
    },
    openLobbies: async () => {
      const query = db
        .selectFrom('lobbies')
        .innerJoin('meetings', 'meetings.id', 'lobbies.meetingId')
        .selectAll('lobbies')
        .where('meetings.status', '=', 'open');
      return lobbies.decodeAll(await query.execute());
    },
  };
}

async function insertLobby(db: Database, row: Record<string, unknown>): Promise<void> {
  const result = await db
    .insertInto('lobbies')
    .values(row as unknown as { meetingId: string; state: string; version: number; updatedAt: number })
    .onConflict((conflict) => conflict.column('meetingId').doNothing())
    .executeTakeFirst();
  if (result.numInsertedOrUpdatedRows !== 1n) throw lobbyConflict(String(row.meetingId));
}

async function updateLobby(
  lobbies: RecordTable<LobbyRecord>,
  record: LobbyRecord,
  version: number,
): Promise<void> {
  try {
    await lobbies.update(record.meetingId, record, { version });
  } catch (error) {
    // A lobby that retention removed is as much a surprise to its writer as one that somebody else wrote.
    if (error instanceof StoreError && error.code === 'not-found') throw lobbyConflict(record.meetingId);
    throw error;
  }
}

function lobbyConflict(meetingId: string): StoreError {
  return new StoreError(
    'conflict',
    `somebody else wrote the lobby of ${meetingId} in the meantime; read it again`,
  );
}

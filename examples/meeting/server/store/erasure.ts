/** A citizen who asks to be forgotten. What happened stays told, but no longer of whom. */
import { RecordTable } from './record-table.js';
import type { LobbyRecord } from './records.js';
import type { Scope } from './scope.js';
import { sessionTable } from './groups/session-groups.js';
import type { Database } from './tables.js';

export function erasePerson(scope: Scope, organisationId: string, subjectHash: string): Promise<number> {
  return scope.atomically(async (db) => {
    const ofOrganisation = db
      .selectFrom('meetings')
      .select('id')
      .where('organisationId', '=', organisationId);
    const invitations = await db
      .updateTable('invitations')
      .set({ name: '', email: null, phone: null, subjectHash: null })
      .where('subjectHash', '=', subjectHash)
      .where('meetingId', 'in', ofOrganisation)
      .returning(['id', 'meetingId'])
      .execute();
    const participants = await db
      .updateTable('participants')
      .set({ displayName: '', subjectHash: null, evidenceHash: null, evidence: null, sessionHash: null })
      .where('subjectHash', '=', subjectHash)
      .where('meetingId', 'in', ofOrganisation)
      .returning(['id', 'invitationId', 'meetingId'])
      .execute();
    const claimed = participants.flatMap(({ invitationId }) => invitationId ?? []);
    const others = claimed.filter((id) => invitations.every((invitation) => invitation.id !== id));
    await eraseInvitations(db, others);
    const invitationIds = [...invitations.map(({ id }) => id), ...others];
    const messages = await eraseMessages(db, invitationIds);
    const places = new Set([...invitationIds, ...participants.map(({ id }) => id)]);
    // Of somebody whom the organisation never met it must not learn that they are signed in somewhere else.
    if (places.size === 0) return 0;
    const meetings = new Set([...invitations, ...participants].map(({ meetingId }) => meetingId));
    const lobbies = await eraseFromLobbies(db, [...meetings], { subjectHash, places });
    const sessions = await eraseSessions(db, subjectHash);
    return places.size + messages + lobbies + sessions;
  });
}

/** Invitations that named nobody and were claimed by the person: their name and address stand there too. */
async function eraseInvitations(db: Database, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db
    .updateTable('invitations')
    .set({ name: '', email: null, phone: null })
    .where('id', 'in', ids)
    .execute();
}

async function eraseMessages(db: Database, invitationIds: readonly string[]): Promise<number> {
  if (invitationIds.length === 0) return 0;
  const result = await db.deleteFrom('outbox').where('invitationId', 'in', invitationIds).executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** The version moves, so that a lobby in use notices and reads again. */
async function eraseFromLobbies(
  db: Database,
  meetingIds: readonly string[],
  erased: Erased,
): Promise<number> {
  if (meetingIds.length === 0) return 0;
  const table = new RecordTable<LobbyRecord>(db, { table: 'lobbies', key: 'meetingId', json: ['state'] });
  const rows = await db.selectFrom('lobbies').selectAll().where('meetingId', 'in', meetingIds).execute();
  let changed = 0;
  for (const { meetingId, state, version } of table.decodeAll(rows)) {
    const left = withoutPerson(state, erased);
    if (JSON.stringify(left) === JSON.stringify(state)) continue;
    await table.update(meetingId, { state: left, version: version + 1 });
    changed += 1;
  }
  return changed;
}

interface Erased {
  subjectHash: string;
  /** Ids of participants and invitations. */
  places: ReadonlySet<string>;
}

const NAMES = new Set(['displayName', 'name', 'pseudonym']);

/** A lobby's state with the names of these places, and the hash wherever it stands, empty. */
function withoutPerson(value: unknown, erased: Erased, isTheirs = false): unknown {
  if (value === erased.subjectHash) return '';
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((inner) => withoutPerson(inner, erased, isTheirs));
  const { id, participantId } = value as { id?: string; participantId?: string };
  const within = isTheirs || erased.places.has(id ?? '') || erased.places.has(participantId ?? '');
  const fields = Object.entries(value).map(([key, inner]) =>
    within && NAMES.has(key) && typeof inner === 'string'
      ? [key, '']
      : [key, withoutPerson(inner, erased, within)],
  );
  return Object.fromEntries(fields) as unknown;
}

async function eraseSessions(db: Database, subjectHash: string): Promise<number> {
  const rows = await db.selectFrom('sessions').selectAll().where('identity', 'is not', null).execute();
  const theirs = sessionTable(db)
    .decodeAll(rows)
    .filter(
      ({ identity }) => identity?.subjectHash === subjectHash || identity?.otherHashes.includes(subjectHash),
    )
    .map(({ idHash }) => idHash);
  if (theirs.length === 0) return 0;
  await db.deleteFrom('sessions').where('idHash', 'in', theirs).execute();
  return theirs.length;
}

/** What an organisation hands over to its archive, as lines of JSON. */
import { auditEntries } from './groups/audit-group.js';
import { invitationStore, meetingTable, participantStore } from './groups/meeting-groups.js';
import { organisationStore } from './groups/organisation-groups.js';
import { paymentStore } from './groups/outgoing-groups.js';
import type { MeetingRecord } from './records.js';
import type { Scope } from './scope.js';
import { StoreError } from './errors.js';
import type { Period } from './store.js';

/** Of meetings read at once. */
const PAGE = 100;

export async function* exportArchive(
  scope: Scope,
  organisationId: string,
  period: Period,
): AsyncGenerator<string, void> {
  const counts: Record<string, number> = {};
  const line = (type: string, record: object): string => {
    counts[type] = (counts[type] ?? 0) + 1;
    return JSON.stringify({ type, ...record });
  };
  const organisation = await organisationStore(scope).get(organisationId);
  if (organisation === null) throw new StoreError('not-found', `there is no organisation ${organisationId}`);
  yield line('organisation', organisation);
  for await (const meetings of meetingPages(scope, organisationId, period)) {
    const ids = meetings.map(({ id }) => id);
    for (const meeting of meetings) yield line('meeting', meeting);
    // Hashes of links and sessions open nothing, but are of no use to an archive either.
    for (const { tokenHash: _, seriesTokenHash: __, ...invitation } of await invitationStore(scope).list(
      ids,
    )) {
      yield line('invitation', invitation);
    }
    for (const { sessionHash: _, ...participant } of await participantStore(scope).list(ids)) {
      yield line('participant', participant);
    }
    for (const meetingId of ids) {
      for (const payment of await paymentStore(scope).list({ meetingId })) yield line('payment', payment);
    }
  }
  for await (const entry of auditEntries(scope.db, { organisationId, ...period })) yield line('audit', entry);
  yield JSON.stringify({ type: 'end', counts });
}

/** By start; from each page on by what came last, so that it may be changed meanwhile. */
async function* meetingPages(
  { db }: Scope,
  organisationId: string,
  { from, to }: Period,
): AsyncGenerator<MeetingRecord[]> {
  let last: MeetingRecord | undefined;
  for (;;) {
    let query = db.selectFrom('meetings').selectAll().where('organisationId', '=', organisationId);
    if (from !== undefined) query = query.where('startsAt', '>=', from);
    if (to !== undefined) query = query.where('startsAt', '<', to);
    if (last !== undefined) {
      const { startsAt, id } = last;
      query = query.where((where) =>
        where.or([
          where('startsAt', '>', startsAt),
          where.and([where('startsAt', '=', startsAt), where('id', '>', id)]),
        ]),
      );
    }
    const page = meetingTable(db).decodeAll(
      await query.orderBy('startsAt').orderBy('id').limit(PAGE).execute(),
    );
    if (page.length > 0) yield page;
    if (page.length < PAGE) return;
    last = page[page.length - 1];
  }
}

/** Removes what has been kept long enough, and writes in the audit logs how much that was. */
import { sql } from 'kysely';
import { appendAudit } from './groups/audit-group.js';
import { settingStore } from './groups/session-groups.js';
import { organisationStore } from './groups/organisation-groups.js';
import type { Scope } from './scope.js';
import type { PurgeReport, RetentionSettings } from './store.js';
import type { Database } from './tables.js';

export const DEFAULT_RETENTION: RetentionSettings = { evidence: 365, outbox: 30, audit: 1825 };

const DAY_MS = 86_400_000;
/** A meeting that nobody ended counts as over so many minutes after its planned end. */
const OVERTIME_MINUTES = 24 * 60;
/** Of meetings in one transaction; the rest wait for the next, and others get between. */
const BATCH = 100;

export async function purge(scope: Scope, now: number): Promise<PurgeReport> {
  const settings = await settingStore(scope).get<Partial<RetentionSettings>>('retention');
  const retention = { ...DEFAULT_RETENTION, ...settings };
  const report: PurgeReport = { meetings: 0, evidence: 0, sessions: 0, outbox: 0, audit: 0 };
  for (const { id, retention: days } of await organisationStore(scope).list()) {
    const meetings = await purgeMeetings(scope, id, now - days.meetings * DAY_MS);
    const audit = await scope.atomically((db) => pruneAudit(db, id, now - days.audit * DAY_MS));
    await tell(scope, id, now, { meetings, audit });
    report.meetings += meetings;
    report.audit += audit;
  }
  const rest = await scope.atomically(async (db) => ({
    evidence: await purgeEvidence(db, now - retention.evidence * DAY_MS),
    sessions: await purgeSessions(db, now),
    outbox: await purgeOutbox(db, now - retention.outbox * DAY_MS),
    audit: await pruneAudit(db, null, now - retention.audit * DAY_MS),
  }));
  await tell(scope, null, now, rest);
  return { ...report, ...rest, audit: report.audit + rest.audit };
}

async function purgeMeetings(scope: Scope, organisationId: string, before: number): Promise<number> {
  let removed = 0;
  for (;;) {
    const batch = await scope.atomically(async (db) => {
      const over = db
        .selectFrom('meetings')
        .select('id')
        .where('organisationId', '=', organisationId)
        .where(
          sql<number>`coalesce(ended_at, starts_at + (duration_minutes + ${sql.lit(OVERTIME_MINUTES)}) * 60000)`,
          '<',
          before,
        )
        .limit(BATCH);
      // Invitations, participants, lobbies, payments and messages go with them.
      return Number(
        (await db.deleteFrom('meetings').where('id', 'in', over).executeTakeFirst()).numDeletedRows,
      );
    });
    removed += batch;
    if (batch < BATCH) return removed;
  }
}

/** Also what was kept before an organisation chose to keep none. */
async function purgeEvidence(db: Database, before: number): Promise<number> {
  const unwanted = db
    .selectFrom('meetings')
    .innerJoin('organisations', 'organisations.id', 'meetings.organisationId')
    .select('meetings.id')
    .where('organisations.keepEvidence', '=', 0);
  const result = await db
    .updateTable('participants')
    .set({ evidence: null })
    .where('evidence', 'is not', null)
    .where((where) => where.or([where('verifiedAt', '<', before), where('meetingId', 'in', unwanted)]))
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

async function purgeSessions(db: Database, now: number): Promise<number> {
  return Number(
    (await db.deleteFrom('sessions').where('expiresAt', '<=', now).executeTakeFirst()).numDeletedRows,
  );
}

async function purgeOutbox(db: Database, before: number): Promise<number> {
  const query = db.deleteFrom('outbox').where('state', '!=', 'queued').where('doneAt', '<', before);
  return Number((await query.executeTakeFirst()).numDeletedRows);
}

/** Only from the beginning: the entries that stay follow each other, and the first follows a hash that is kept. */
async function pruneAudit(db: Database, organisationId: string | null, before: number): Promise<number> {
  const chain = organisationId ?? '';
  const head = await db.selectFrom('auditHeads').selectAll().where('chain', '=', chain).executeTakeFirst();
  if (head === undefined) return 0;
  const ofChain = db.selectFrom('audit').where('chain', '=', chain);
  const firstToStay = await ofChain
    .select('sequence')
    .where('at', '>=', before)
    .orderBy('sequence')
    .limit(1)
    .executeTakeFirst();
  const last = (firstToStay?.sequence ?? head.sequence + 1) - 1;
  if (last <= head.prunedSequence) return 0;
  const { hash } = await ofChain.select('hash').where('sequence', '=', last).executeTakeFirstOrThrow();
  await db
    .updateTable('auditHeads')
    .set({ prunedSequence: last, prunedHash: hash })
    .where('chain', '=', chain)
    .execute();
  const result = await db
    .deleteFrom('audit')
    .where('chain', '=', chain)
    .where('sequence', '<=', last)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

async function tell(
  scope: Scope,
  organisationId: string | null,
  now: number,
  counts: Record<string, number>,
): Promise<void> {
  if (Object.values(counts).every((count) => count === 0)) return;
  const entry = { organisationId, at: now, action: 'retention.purged', actor: 'system', details: counts };
  await scope.atomically((db) => appendAudit(db, entry));
}

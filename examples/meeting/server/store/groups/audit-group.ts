/** The audit log: entries are appended and read, never changed. Only retention removes them, and only the oldest. */
import { auditHash, auditRecord, canonicalJson, chainOf, GENESIS_HASH } from '../audit-chain.js';
import { checkAuditEntry } from '../audit-rules.js';
import { verifyAudit, verifyAuditSince } from '../audit-verify.js';
import type { AuditInput, AuditRecord } from '../records.js';
import type { Scope } from '../scope.js';
import type { AuditFilter, AuditStore } from '../store.js';
import type { Database } from '../tables.js';

const PAGE = 1000;

export function auditStore({ db, atomically }: Scope): AuditStore {
  return {
    append: async (entry) => {
      checkAuditEntry(entry);
      return atomically((within) => appendAudit(within, entry));
    },
    list: (filter) => listAudit(db, filter),
    verify: (organisationId) => verifyAudit(db, organisationId),
    verifySince: (organisationId, mark) => verifyAuditSince(db, organisationId, mark),
    export: async function* (filter) {
      for await (const entry of auditEntries(db, filter)) yield JSON.stringify(entry);
    },
  };
}

/** Only in a transaction: two that append at once would follow the same entry. */
export async function appendAudit(db: Database, entry: AuditInput): Promise<AuditRecord> {
  checkAuditEntry(entry);
  const chain = chainOf(entry.organisationId);
  const head = await db.selectFrom('auditHeads').selectAll().where('chain', '=', chain).executeTakeFirst();
  const unhashed = {
    organisationId: entry.organisationId,
    sequence: (head?.sequence ?? 0) + 1,
    at: entry.at,
    action: entry.action,
    actor: entry.actor,
    meetingId: entry.meetingId ?? null,
    details: entry.details ?? {},
    previousHash: head?.hash ?? GENESIS_HASH,
  };
  const record = { ...unhashed, hash: auditHash(unhashed) };
  const { organisationId: _, details, ...columns } = record;
  await db
    .insertInto('audit')
    .values({ ...columns, chain, details: canonicalJson(details) })
    .execute();
  const { sequence, hash } = record;
  await db
    .insertInto('auditHeads')
    .values({ chain, sequence, hash, prunedSequence: 0, prunedHash: GENESIS_HASH })
    .onConflict((conflict) => conflict.column('chain').doUpdateSet({ sequence, hash }))
    .execute();
  return record;
}

/** All that the filter lets through, a page at a time. */
export async function* auditEntries(db: Database, filter: AuditFilter): AsyncGenerator<AuditRecord> {
  let afterSequence = 0;
  for (;;) {
    const page = await listAudit(db, { ...filter, afterSequence, limit: PAGE });
    yield* page;
    if (page.length < PAGE) return;
    afterSequence = page[page.length - 1].sequence;
  }
}

async function listAudit(db: Database, filter: AuditFilter): Promise<AuditRecord[]> {
  let query = db.selectFrom('audit').selectAll().where('chain', '=', chainOf(filter.organisationId));
  if (filter.meetingId !== undefined) query = query.where('meetingId', '=', filter.meetingId);
  if (filter.from !== undefined) query = query.where('at', '>=', filter.from);
  if (filter.to !== undefined) query = query.where('at', '<', filter.to);
  if (filter.afterSequence !== undefined) query = query.where('sequence', '>', filter.afterSequence);
  const { beforeSequence, limit = PAGE } = filter;
  if (beforeSequence === undefined) {
    return (await query.orderBy('sequence').limit(limit).execute()).map(auditRecord);
  }
  if (Number.isFinite(beforeSequence)) query = query.where('sequence', '<', beforeSequence);
  return (await query.orderBy('sequence', 'desc').limit(limit).execute()).reverse().map(auditRecord);
}

/**
 * Reckons the audit log again. It finds an entry that was edited, removed, put in or moved, at the end too. What it cannot
 * find is a log that somebody with full access wrote anew from some entry on with all its hashes: compare hashes that were
 * exported earlier to find that.
 */
import { setImmediate } from 'node:timers/promises';
import { auditHash, auditRecord, chainOf, GENESIS_HASH, organisationOf } from './audit-chain.js';
import type { AuditMark, AuditVerdict } from './store.js';
import type { AuditHeadRow, AuditRow, Database } from './tables.js';

const PAGE = 1000;

/** `organisationId` undefined: all the logs. */
export async function verifyAudit(db: Database, organisationId?: string | null): Promise<AuditVerdict> {
  const chains = organisationId === undefined ? await allChains(db) : [chainOf(organisationId)];
  let entries = 0;
  for (const chain of chains) {
    const { intact, entries: looked, problem } = await verifyChain(db, chain);
    entries += looked;
    if (!intact) return { intact, entries, problem };
  }
  return { intact: true, entries, problem: null };
}

/** See `AuditStore.verifySince`. */
export async function verifyAuditSince(
  db: Database,
  organisationId: string | null,
  mark: AuditMark | null,
): Promise<AuditVerdict & { last: AuditMark }> {
  return verifyChain(db, chainOf(organisationId), mark);
}

async function allChains(db: Database): Promise<string[]> {
  const heads = await db.selectFrom('auditHeads').select('chain').execute();
  const rows = await db.selectFrom('audit').select('chain').distinct().execute();
  return [...new Set([...heads, ...rows].map(({ chain }) => chain))].sort();
}

async function verifyChain(
  db: Database,
  chain: string,
  mark: AuditMark | null = null,
): Promise<AuditVerdict & { last: AuditMark }> {
  for (;;) {
    const head = await readHead(db, chain);
    const verdict =
      mark === null || mark.sequence <= head.prunedSequence
        ? await verifyRows(db, chain, head)
        : await verifyFrom(db, chain, head, mark);
    // Retention may have moved the beginning while the rows were read.
    const now = await readHead(db, chain);
    if (verdict.intact || now.prunedSequence === head.prunedSequence) {
      return { ...verdict, last: { sequence: head.sequence, hash: head.hash } };
    }
  }
}

async function verifyFrom(
  db: Database,
  chain: string,
  head: AuditHeadRow,
  mark: AuditMark,
): Promise<AuditVerdict> {
  const [row] = await readPage(db, chain, mark.sequence - 1, mark.sequence);
  if (row === undefined) return broken(chain, mark.sequence, `entry ${mark.sequence} is missing`, 0);
  if (row.hash !== mark.hash || wrongWith(row, mark.sequence - 1, row.previousHash) !== null) {
    return broken(chain, mark.sequence, `entry ${mark.sequence} was edited`, 0);
  }
  return verifyRows(db, chain, head, mark);
}

async function readHead(db: Database, chain: string): Promise<AuditHeadRow> {
  const row = await db.selectFrom('auditHeads').selectAll().where('chain', '=', chain).executeTakeFirst();
  return row ?? { chain, sequence: 0, hash: GENESIS_HASH, prunedSequence: 0, prunedHash: GENESIS_HASH };
}

/** Up to the head as it was read: more may be appended meanwhile. */
async function verifyRows(
  db: Database,
  chain: string,
  head: AuditHeadRow,
  mark: AuditMark | null = null,
): Promise<AuditVerdict> {
  let sequence = mark?.sequence ?? head.prunedSequence;
  let hash = mark?.hash ?? head.prunedHash;
  let entries = 0;
  // Without a mark from the very first row, so that one put in before the beginning shows.
  let after = mark?.sequence ?? Number.MIN_SAFE_INTEGER;
  for (;;) {
    const page = await readPage(db, chain, after, head.sequence);
    for (const row of page) {
      const message = wrongWith(row, sequence, hash);
      if (message !== null) return broken(chain, Math.min(row.sequence, sequence + 1), message, entries);
      sequence = row.sequence;
      hash = row.hash;
      entries += 1;
    }
    if (page.length < PAGE) break;
    after = page[page.length - 1].sequence;
    // Others get between: SQLite answers without ever waiting.
    await setImmediate();
  }
  if (sequence !== head.sequence) {
    return broken(chain, sequence + 1, `entries ${sequence + 1} to ${head.sequence} are missing`, entries);
  }
  if (hash !== head.hash)
    return broken(chain, sequence, `entry ${sequence} is not the one that was last`, entries);
  const stray = await entryAfterHead(db, chain);
  if (stray !== null) return broken(chain, stray, `entry ${stray} was put in after the last one`, entries);
  return { intact: true, entries, problem: null };
}

/** In one statement, so that an entry and the head that it moves are seen together. */
async function entryAfterHead(db: Database, chain: string): Promise<number | null> {
  const row = await db
    .selectFrom('audit')
    .leftJoin('auditHeads', 'auditHeads.chain', 'audit.chain')
    .select('audit.sequence')
    .where('audit.chain', '=', chain)
    .where((where) =>
      where.or([
        where('auditHeads.sequence', 'is', null),
        where('audit.sequence', '>', where.ref('auditHeads.sequence')),
      ]),
    )
    .orderBy('audit.sequence')
    .limit(1)
    .executeTakeFirst();
  return row?.sequence ?? null;
}

function wrongWith(row: AuditRow, sequence: number, hash: string): string | null {
  if (row.sequence <= sequence) return `entry ${row.sequence} was put in before the beginning`;
  if (row.sequence > sequence + 1) return `entries ${sequence + 1} to ${row.sequence - 1} are missing`;
  if (row.previousHash !== hash) return `entry ${row.sequence} does not follow the one before it`;
  try {
    if (auditHash(auditRecord(row)) === row.hash) return null;
  } catch {
    // Details that are no JSON are edited details.
  }
  return `entry ${row.sequence} was edited`;
}

function readPage(db: Database, chain: string, after: number, last: number): Promise<AuditRow[]> {
  return db
    .selectFrom('audit')
    .selectAll()
    .where('chain', '=', chain)
    .where('sequence', '>', after)
    .where('sequence', '<=', last)
    .orderBy('sequence')
    .limit(PAGE)
    .execute();
}

function broken(chain: string, sequence: number, message: string, entries: number): AuditVerdict {
  return { intact: false, entries, problem: { organisationId: organisationOf(chain), sequence, message } };
}

/** How an audit entry is hashed: SHA-256 over canonical JSON of all its fields and the hash of the entry before. */
import { createHash } from 'node:crypto';
import type { AuditRecord } from './records.js';
import type { AuditRow } from './tables.js';

/** What the first entry of a log follows. */
export const GENESIS_HASH = '0'.repeat(64);

export function auditHash(entry: Omit<AuditRecord, 'hash'>): string {
  const { organisationId, sequence, at, action, actor, meetingId, details, previousHash } = entry;
  const text = canonicalJson({
    organisationId,
    sequence,
    at,
    action,
    actor,
    meetingId,
    details,
    previousHash,
  });
  return createHash('sha256').update(text).digest('hex');
}

/** Keys sorted by code unit, no white space: one text for one value. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

export function chainOf(organisationId: string | null): string {
  return organisationId ?? '';
}

export function organisationOf(chain: string): string | null {
  return chain === '' ? null : chain;
}

export function auditRecord(row: AuditRow): AuditRecord {
  const { chain, details, ...rest } = row;
  return {
    ...rest,
    organisationId: organisationOf(chain),
    details: JSON.parse(details) as AuditRecord['details'],
  };
}

import type { AuditEntryView } from '../../shared/api.js';
import type { ServiceContext } from '../service-context.js';
import type { AuditRecord, Period } from '../store/store.js';
import { iso } from './meeting-views.js';

/** The newest are what somebody who looks into something wants; the export has them all. */
const SHOWN = 1_000;

/** The organisation's log, oldest first, and whether every hash of all of it still fits. */
export async function auditView(
  { store }: ServiceContext,
  organisationId: string,
  filter: Period & { meetingId?: string },
): Promise<{ entries: AuditEntryView[]; intact: boolean }> {
  const entries: AuditRecord[] = [];
  let afterSequence = 0;
  for (;;) {
    const page = await store.audit.list({ organisationId, ...filter, afterSequence, limit: SHOWN });
    entries.push(...page);
    if (page.length < SHOWN) break;
    afterSequence = page[page.length - 1].sequence;
    entries.splice(0, entries.length - SHOWN);
  }
  const { intact } = await store.audit.verify(organisationId);
  return { entries: entries.slice(-SHOWN).map(entryView), intact };
}

/** Lines of JSON to one text. */
export async function joinLines(lines: AsyncIterable<string>): Promise<string> {
  const joined: string[] = [];
  for await (const line of lines) joined.push(line.endsWith('\n') ? line : `${line}\n`);
  return joined.join('');
}

function entryView({ sequence, at, action, actor, meetingId, details, hash }: AuditRecord): AuditEntryView {
  return { sequence, at: iso(at), action, actor, meetingId, details, hash };
}

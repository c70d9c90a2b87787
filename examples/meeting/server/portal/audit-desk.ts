/**
 * The organisation's audit log as administrators read it: page by page from the newest, and checked. Reckoning every hash
 * takes seconds for each 100,000 entries, so a look at a page checks only what is new since the last full check, whose result
 * is kept; the full check is for whoever asks, for exports, and for once a day.
 */
import type { AuditEntryView, AuditPage, AuditVerdictView } from '../../shared/api.js';
import type { ServiceContext } from '../service-context.js';
import type { AuditMark, AuditRecord, AuditVerdict, Period } from '../store/store.js';
import { iso } from './meeting-views.js';

export const PAGE_MAX = 1_000;
export const PAGE_DEFAULT = 200;
const DAY_MS = 24 * 60 * 60_000;

/** Kept in the settings, so that a restart begins with it. */
interface Checkpoint {
  /** Good up to here; null: something was wrong when all was checked. */
  mark: AuditMark | null;
  /** Of the last full check. */
  checkedAt: number;
}

export interface AuditQuery extends Period {
  meetingId?: string;
  /** Only entries before this sequence. */
  before?: number;
  limit?: number;
}

export class AuditDesk {
  constructor(private readonly context: Pick<ServiceContext, 'store' | 'now' | 'log'>) {}

  async page(organisationId: string, query: AuditQuery): Promise<AuditPage> {
    const { before = Infinity, limit = PAGE_DEFAULT, ...filter } = query;
    const { audit } = this.context.store;
    const found = await audit.list({ organisationId, ...filter, beforeSequence: before, limit: limit + 1 });
    const entries = found.slice(-limit);
    const hasMore = found.length > limit;
    const { intact, checkedAt } = await this.#checkNew(organisationId);
    return {
      entries: entries.map(entryView),
      nextBefore: hasMore ? entries[0].sequence : null,
      intact,
      checkedAt,
    };
  }

  /** Every hash; what it finds is kept. */
  async verify(organisationId: string | null): Promise<AuditVerdictView> {
    const checkedAt = this.context.now();
    const verdict = await this.context.store.audit.verifySince(organisationId, null);
    await this.#keep(organisationId, verdict, checkedAt);
    const { intact, entries, problem } = verdict;
    return { intact, entries, problemAt: problem?.sequence ?? null, checkedAt: iso(checkedAt) };
  }

  /** All logs whose last full check is a day old; what is wrong goes to the service's own log as an error. */
  async verifyDue(): Promise<void> {
    const { store, now, log } = this.context;
    for (const organisationId of [null, ...(await store.organisations.list()).map(({ id }) => id)]) {
      const checkpoint = await store.settings.get<Checkpoint>(keyOf(organisationId));
      if (checkpoint !== null && now() - checkpoint.checkedAt < DAY_MS) continue;
      const { intact, problemAt } = await this.verify(organisationId);
      if (!intact) log.error({ organisationId, problemAt }, 'an audit log is not what it was');
    }
  }

  async #checkNew(organisationId: string): Promise<Pick<AuditPage, 'intact' | 'checkedAt'>> {
    const { store } = this.context;
    const checkpoint = await store.settings.get<Checkpoint>(keyOf(organisationId));
    if (checkpoint === null) {
      const { intact, checkedAt } = await this.verify(organisationId);
      return { intact, checkedAt };
    }
    const { mark, checkedAt } = checkpoint;
    if (mark === null) return { intact: false, checkedAt: iso(checkedAt) };
    const verdict = await store.audit.verifySince(organisationId, mark);
    // What was found wrong stays said until a full check finds nothing.
    if (!verdict.intact || verdict.entries > PAGE_MAX) await this.#keep(organisationId, verdict, checkedAt);
    return { intact: verdict.intact, checkedAt: iso(checkedAt) };
  }

  async #keep(
    organisationId: string | null,
    { intact, last }: AuditVerdict & { last: AuditMark },
    checkedAt: number,
  ): Promise<void> {
    const checkpoint: Checkpoint = { mark: intact && last.sequence > 0 ? last : null, checkedAt };
    // An empty log has nothing to begin from.
    if (intact && checkpoint.mark === null) return;
    await this.context.store.settings.set(keyOf(organisationId), checkpoint);
  }
}

function keyOf(organisationId: string | null): string {
  return `audit-checkpoint:${organisationId ?? 'service'}`;
}

function entryView({ sequence, at, action, actor, meetingId, details, hash }: AuditRecord): AuditEntryView {
  return { sequence, at: iso(at), action, actor, meetingId, details, hash };
}

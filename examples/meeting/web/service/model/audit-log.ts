import { signal } from '@preact/signals';
import type { AuditEntryView, AuditPage, AuditVerdictView } from '../../../shared/api.js';
import { type AuditPeriod, getAudit, verifyAudit } from '../api/admin-api.js';
import { Resource } from './resource.js';

/** The log of a period, its newest part first fetched; older parts are fetched one by one. */
export class AuditLog {
  readonly page: Resource<AuditPage>;
  readonly busy = signal(false);
  #period: AuditPeriod;

  constructor(period: AuditPeriod) {
    this.#period = period;
    this.page = new Resource(() => getAudit(this.#period));
  }

  load(period: AuditPeriod): Promise<void> {
    this.#period = period;
    return this.page.load();
  }

  /** Puts the part before what is shown above it. */
  async older(): Promise<void> {
    const shown = this.page.value;
    if (shown === null || shown.nextBefore === null || this.busy.peek()) return;
    this.busy.value = true;
    try {
      const before = await getAudit({ ...this.#period, before: String(shown.nextBefore) });
      this.page.update((now) => ({ ...before, entries: [...before.entries, ...now.entries] }));
    } finally {
      this.busy.value = false;
    }
  }

  /** Every entry anew; takes a while for a long log. */
  async verify(): Promise<AuditVerdictView> {
    const verdict = await verifyAudit();
    this.page.update((now) => ({ ...now, intact: verdict.intact, checkedAt: verdict.checkedAt }));
    return verdict;
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i;

/** What tells ids apart for people; the export has them whole. */
export function shortId(id: string): string {
  return UUID.test(id) || /^[0-9a-f]{16,}$/i.test(id) ? id.slice(0, 8) : id;
}

/** `participant:<id>` and the like: the word before the colon, and the id. */
export function actorParts({ actor }: Pick<AuditEntryView, 'actor'>): { kind: string; id: string } {
  const colon = actor.indexOf(':');
  if (colon > 0) return { kind: actor.slice(0, colon), id: actor.slice(colon + 1) };
  return actor === 'system' ? { kind: actor, id: '' } : { kind: 'person', id: actor };
}

/** What leaves the service: messages on their way, and payments. */
import { StoreError } from '../errors.js';
import { RecordTable } from '../record-table.js';
import type { OutboxRecord, PaymentRecord } from '../records.js';
import type { Scope } from '../scope.js';
import type { OutboxStore, PaymentStore } from '../store.js';

export function paymentStore({ db }: Scope): PaymentStore {
  const table = new RecordTable<PaymentRecord>(db, { table: 'payments' });
  return {
    insert: (record) => table.insert(record),
    get: (id) => table.get(id),
    update: (id, change, onlyIf) => table.update(id, change, onlyIf === undefined ? {} : { state: onlyIf }),
    findByReference: async (provider, reference) => {
      const query = db
        .selectFrom('payments')
        .selectAll()
        .where('provider', '=', provider)
        .where('reference', '=', reference);
      return table.decodeOrNull(await query.executeTakeFirst());
    },
    list: async ({ meetingId, invitationId }) => {
      let query = db.selectFrom('payments').selectAll().where('meetingId', '=', meetingId);
      if (invitationId !== undefined) query = query.where('invitationId', '=', invitationId);
      return table.decodeAll(await query.orderBy('writeOrder').execute());
    },
  };
}

export function outboxStore({ db, atomically }: Scope): OutboxStore {
  const table = new RecordTable<OutboxRecord>(db, { table: 'outbox', json: ['content'] });
  const queued = () => db.selectFrom('outbox').where('state', '=', 'queued');
  return {
    enqueue: (message) =>
      table.insert({
        ...message,
        state: 'queued',
        attempts: 0,
        nextAttemptAt: message.createdAt,
        lastError: null,
        doneAt: null,
      }),
    get: (id) => table.get(id),
    list: async ({ meetingId }) => {
      const query = db.selectFrom('outbox').selectAll().where('meetingId', '=', meetingId);
      return table.decodeAll(await query.orderBy('writeOrder').execute());
    },
    take: (now, leaseMs, limit) =>
      atomically(async (within) => {
        const due = await within
          .selectFrom('outbox')
          .select('id')
          .where('state', '=', 'queued')
          .where('nextAttemptAt', '<=', now)
          .orderBy('nextAttemptAt')
          .orderBy('writeOrder')
          .limit(limit)
          .execute();
        if (due.length === 0) return [];
        const rows = await within
          .updateTable('outbox')
          .set((column) => ({ attempts: column('attempts', '+', 1), nextAttemptAt: now + leaseMs }))
          .where(
            'id',
            'in',
            due.map(({ id }) => id),
          )
          .returningAll()
          .execute();
        const order = new Map(due.map(({ id }, index) => [id, index]));
        return table.decodeAll(rows.sort((a, b) => order.get(a.id)! - order.get(b.id)!));
      }),
    sent: async (id, now) => {
      await change(id, { state: 'sent', recipient: '', content: null, lastError: null, doneAt: now });
    },
    retry: async (id, nextAttemptAt, error) => {
      await change(id, { nextAttemptAt, lastError: error });
    },
    fail: async (id, now, error) => {
      await change(id, { state: 'failed', lastError: error, doneAt: now });
    },
    nextDue: async () => {
      const row = await queued().select('nextAttemptAt').orderBy('nextAttemptAt').limit(1).executeTakeFirst();
      return row?.nextAttemptAt ?? null;
    },
  };

  /** A message that erasure or retention removed meanwhile needs no mark; one that is done keeps its first end. */
  async function change(id: string, values: Partial<OutboxRecord>): Promise<void> {
    try {
      await table.update(id, values, { state: 'queued' });
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
  }
}

/**
 * A meeting is encrypted end to end or it is not: what was `preferred`, where some could have been heard by the server, is
 * `required` from now on. The audit log keeps what it says.
 */
import type { Kysely } from 'kysely';
import type { Migration } from './migrate.js';

export const encryptedOrNot: Migration = { version: 3, name: 'encrypted-or-not', up };

async function up(db: Kysely<unknown>): Promise<void> {
  const tables = db as Kysely<Record<'meetings' | 'meetingTypes', { endToEndEncryption: string }>>;
  for (const table of ['meetings', 'meetingTypes'] as const) {
    await tables
      .updateTable(table)
      .set({ endToEndEncryption: 'required' })
      .where('endToEndEncryption', '=', 'preferred')
      .execute();
  }
}

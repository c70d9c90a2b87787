import type { Kysely } from 'kysely';
import { exportArchive } from './archive.js';
import type { Backend } from './backend.js';
import { erasePerson } from './erasure.js';
import { Guard, guarded, pagewise } from './guard.js';
import { auditStore } from './groups/audit-group.js';
import { invitationStore, meetingStore, participantStore } from './groups/meeting-groups.js';
import {
  apiKeyStore,
  meetingTypeStore,
  organisationStore,
  organiserStore,
  roomStore,
} from './groups/organisation-groups.js';
import { outboxStore, paymentStore } from './groups/outgoing-groups.js';
import { sessionStore, settingStore } from './groups/session-groups.js';
import { migrate } from './migrations/migrate.js';
import { openPostgres } from './postgres.js';
import { purge } from './retention.js';
import type { Scope } from './scope.js';
import { openSqlite } from './sqlite.js';
import type { OpenStoreOptions, Store, StoreGroups } from './store.js';
import type { Database } from './tables.js';

/** Opens the database, made and migrated as needed. `locked`, `newer-database` or `unavailable` say why not. */
export async function openStore({ databaseUrl, dataDir }: OpenStoreOptions): Promise<Store> {
  const backend = databaseUrl === undefined ? await openSqlite(dataDir) : await openPostgres(databaseUrl);
  try {
    await inTransaction(backend, (db) => migrate(db as unknown as Kysely<unknown>, backend.kind));
  } catch (error) {
    await backend.close();
    throw error;
  }
  return storeOn(backend);
}

function storeOn(backend: Backend): Store {
  const guard = new Guard(backend);
  const run = guard.run.bind(guard);
  let closing: Promise<void> | undefined;
  const scope: Scope = { db: backend.db, atomically: (work) => inTransaction(backend, work) };
  return {
    ...guarded(groupsOf(scope), run),
    kind: backend.kind,
    transaction: (work) =>
      run(() =>
        guard.runTransaction((state) =>
          inTransaction(backend, async (db) => {
            const groups = groupsOf({ db, atomically: (within) => within(db) });
            const result = await work(guarded(groups, (call) => guard.runWithin(state, call)));
            if (state.failure !== null) throw state.failure;
            return result;
          }),
        ),
      ),
    purge: (now) =>
      run(async () => {
        const report = await purge(scope, now);
        await backend.tidy();
        return report;
      }),
    exportArchive: (organisationId, period) => pagewise(exportArchive(scope, organisationId, period), run),
    backupTo: (file) => run(() => backend.backupTo(file)),
    close: () => (closing ??= guard.close().then(() => backend.close())),
  };
}

function inTransaction<T>(backend: Backend, work: (db: Database) => Promise<T>): Promise<T> {
  return backend.db.transaction().execute(async (transaction) => {
    await backend.beginAlone(transaction);
    return work(transaction);
  });
}

function groupsOf(scope: Scope): StoreGroups {
  return {
    organisations: organisationStore(scope),
    organisers: organiserStore(scope),
    rooms: roomStore(scope),
    meetingTypes: meetingTypeStore(scope),
    meetings: meetingStore(scope),
    invitations: invitationStore(scope),
    participants: participantStore(scope),
    sessions: sessionStore(scope),
    apiKeys: apiKeyStore(scope),
    audit: auditStore(scope),
    settings: settingStore(scope),
    payments: paymentStore(scope),
    outbox: outboxStore(scope),
    erasePerson: (organisationId, subjectHash) => erasePerson(scope, organisationId, subjectHash),
  };
}

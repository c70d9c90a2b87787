import t from 'tap';
import { openStore } from '../../../examples/meeting/server/store/store.js';
import { codeOf, conformance } from './conformance.js';
import { crashRounds } from './crash.js';
import { aSession } from './fixtures.js';
import { startCluster } from './postgres-cluster.js';
import { temporaryFolder } from './temporary-folder.js';

const cluster = await startCluster();
t.teardown(() => cluster.stop());

const place = async (t: Parameters<typeof temporaryFolder>[0]) => ({
  databaseUrl: await cluster.createDatabase(),
  dataDir: temporaryFolder(t),
});

conformance(t, place);

t.test('SIGKILL of the service at any moment loses nothing acknowledged', async (t) =>
  crashRounds(t, await place(t), 4, 20261122),
);

t.test('two that open an empty database at once migrate it once', async (t) => {
  const options = await place(t);
  const stores = await Promise.all([openStore(options), openStore(options)]);
  await stores[0].settings.set('a', 1);
  t.equal(await codeOf(stores[0].backupTo('/tmp/x')), 'misuse');
  t.equal(await stores[1].settings.get('a'), 1);
  for (const store of stores) await store.close();
});

t.test('a server that is not there is told without the password', async (t) => {
  const databaseUrl = 'postgres://meeting:hemligt@127.0.0.1:1/meeting';
  const error = await openStore({ databaseUrl, dataDir: temporaryFolder(t) }).catch((error: Error) => error);
  t.match(error, { code: 'unavailable', message: /ECONNREFUSED.*DATABASE_URL/ });
  t.notMatch((error as Error).message, /hemligt/);
});

t.test('1,000 acknowledged inserts', async (t) => {
  const store = await openStore(await place(t));
  const started = performance.now();
  for (let n = 0; n < 1000; n++) await store.sessions.insert(aSession());
  t.comment(`${Math.round(performance.now() - started)} ms`);
  await store.close();
});

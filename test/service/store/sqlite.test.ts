import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kysely, sql } from 'kysely';
import sqlite from 'node-sqlite3-wasm';
import t from 'tap';
import { SqliteWasmDialect } from '../../../examples/meeting/server/store/sqlite-driver.js';
import { openStore } from '../../../examples/meeting/server/store/store.js';
import { codeOf, conformance } from './conformance.js';
import { buildWriter, startWriter } from './crash.js';
import { aSession } from './fixtures.js';
import { temporaryFolder } from './temporary-folder.js';

conformance(t, (t) => Promise.resolve({ dataDir: temporaryFolder(t) }));

t.test('one server to a file: a second one is told, in this process and in another', async (t) => {
  const dataDir = join(
    temporaryFolder(t),
    'a-folder-with-a-name-so-long-that-no-socket-address-holds-it'.repeat(3),
  );
  const store = await openStore({ dataDir });
  const second = await openStore({ dataDir }).then(
    () => null,
    (error: Error) => error,
  );
  t.match(second, { code: 'locked', message: /another server.*DATA_DIR/ });
  await store.settings.set('a', 1);
  await store.close();
  const other = startWriter(await buildWriter(t), { dataDir });
  await once(other.stdout, 'data');
  t.equal(await codeOf(openStore({ dataDir })), 'locked');
  other.kill('SIGKILL');
  await once(other, 'close');
  t.ok(existsSync(join(dataDir, 'meeting.sqlite-server')), 'it left its lock');
  const openings = [1, 2, 3].map(() =>
    openStore({ dataDir }).then(
      (store) => store,
      () => null,
    ),
  );
  const opened = (await Promise.all(openings)).filter((store) => store !== null);
  t.ok(opened.length <= 1, 'of three that take the dead lock at once, at most one');
  for (const store of opened) await store.close();
  const again = await openStore({ dataDir });
  t.equal(await again.settings.get('a'), 1);
  await again.close();
  t.same(readdirSync(dataDir), ['meeting.sqlite'], 'closed in order, only the database stays');
});

t.test('the files are for the service’s user only', async (t) => {
  const dataDir = join(temporaryFolder(t), 'data');
  const store = await openStore({ dataDir });
  await store.settings.set('a', 1);
  t.equal(statSync(dataDir).mode & 0o777, 0o700);
  for (const name of readdirSync(dataDir).filter((name) => /sqlite(-wal)?$/.test(name))) {
    t.equal(statSync(join(dataDir, name)).mode & 0o077, 0, name);
  }
  await store.close();
});

t.test('a backup while the service runs opens as a store', async (t) => {
  const dataDir = temporaryFolder(t);
  const store = await openStore({ dataDir });
  await store.settings.set('a', 1);
  const folder = temporaryFolder(t);
  const file = join(folder, 'meeting.sqlite');
  await store.backupTo(file);
  await store.settings.set('a', 2);
  t.equal(statSync(file).mode & 0o777, 0o600);
  t.equal(await codeOf(store.backupTo(file)), 'unavailable', 'an older backup is not written over');
  t.equal(await codeOf(store.backupTo(join(folder, 'nowhere', 'x'))), 'unavailable');
  t.same(readdirSync(folder), ['meeting.sqlite']);
  const copy = await openStore({ dataDir: folder });
  t.equal(await copy.settings.get('a'), 1);
  await copy.close();
  t.equal(await store.settings.get('a'), 2);
  await store.close();
});

t.test('what is no database is told, and left alone', async (t) => {
  const dataDir = temporaryFolder(t);
  writeFileSync(join(dataDir, 'meeting.sqlite'), 'minutes of the board, by no means a database'.repeat(100));
  const error = await openStore({ dataDir }).catch((error: Error) => error);
  t.match(error, { code: 'unavailable', message: /meeting\.sqlite cannot be opened.*DATA_DIR/ });
  const file = join(dataDir, 'file');
  writeFileSync(file, '');
  t.equal(await codeOf(openStore({ dataDir: join(file, 'below') })), 'unavailable');
  const taken = temporaryFolder(t);
  mkdirSync(join(taken, 'meeting.sqlite'));
  t.equal(await codeOf(openStore({ dataDir: taken })), 'unavailable');
});

t.test('the driver: statements are kept, put out and finalised; one that failed works again', async (t) => {
  const database = new sqlite.Database(join(temporaryFolder(t), 'x.sqlite'));
  const live = new Set<unknown>();
  const prepare = database.prepare.bind(database);
  database.prepare = (text) => {
    const statement = prepare(text);
    const finalize = statement.finalize.bind(statement);
    statement.finalize = () => {
      live.delete(statement);
      finalize();
    };
    live.add(statement);
    return statement;
  };
  const db = new Kysely<{ t: { a: number } }>({ dialect: new SqliteWasmDialect(database) });
  await sql`create table t (a integer primary key)`.execute(db);
  const insert = () => db.insertInto('t').values({ a: 1 }).executeTakeFirst();
  t.equal((await insert()).numInsertedOrUpdatedRows, 1n);
  for (let n = 0; n < 3; n++) await t.rejects(insert(), /UNIQUE/);
  await db.deleteFrom('t').execute();
  t.equal((await insert()).numInsertedOrUpdatedRows, 1n, 'after it failed');
  for (let n = 0; n < 300; n++) await sql`select ${sql.lit(n)}`.execute(db);
  t.ok(live.size <= 200, 'not more than 200 are kept');
  const failing = db.transaction().execute(async (tx) => {
    await tx.updateTable('t').set({ a: 2 }).execute();
    throw new Error('no');
  });
  await t.rejects(failing, /no/);
  t.same(await db.updateTable('t').set({ a: 3 }).where('a', '=', 1).returningAll().execute(), [{ a: 3 }]);
  await db.destroy();
  t.equal(live.size, 0);
});

t.test('1,000 acknowledged inserts', async (t) => {
  const store = await openStore({ dataDir: temporaryFolder(t) });
  const started = performance.now();
  for (let n = 0; n < 1000; n++) await store.sessions.insert(aSession());
  t.comment(`${Math.round(performance.now() - started)} ms`);
  await store.close();
});

/** Backups: made by the running service, by day or by signal, and good to start from. */
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import t from 'tap';
import { Backups, backupSettings, nextDaily } from '../../../examples/meeting/server/backups.js';
import { ConfigError } from '../../../examples/meeting/server/config-error.js';
import { openStore } from '../../../examples/meeting/server/store/store.js';
import { folderHolds } from '../../support/folder-holds.js';
import {
  book,
  invitationTo,
  anotherFolder,
  organiser,
  startTestService,
  tokenOf,
} from '../meetings/test-service.js';
import { prepareGround } from '../store/fixtures.js';
import { temporaryFolder } from '../store/temporary-folder.js';

const silent = pino({ level: 'silent' });
const START = Date.parse('2027-03-27T12:00:00Z');

t.test('settings', async (t) => {
  const place = { dataDir: '/srv/data' };
  t.strictSame(backupSettings({}, place), { folder: '/srv/data/backups', dailyAt: null, keep: 14 });
  t.strictSame(backupSettings({ BACKUP_DIR: '/backup' }, place), {
    folder: '/backup',
    dailyAt: 150,
    keep: 14,
  });
  t.strictSame(backupSettings({ BACKUP_DIR: '/b', BACKUP_AT: '23:05', BACKUP_KEEP: '3' }, place), {
    folder: '/b',
    dailyAt: 23 * 60 + 5,
    keep: 3,
  });
  for (const wrong of [
    { BACKUP_DIR: '/b', BACKUP_AT: '24:00' },
    { BACKUP_DIR: '/b', BACKUP_AT: '2:30' },
    { BACKUP_DIR: '/b', BACKUP_KEEP: '0' },
    { BACKUP_AT: '02:30' },
  ])
    t.throws(() => backupSettings(wrong, place), ConfigError, JSON.stringify(wrong));
  const postgres = { ...place, databaseUrl: 'postgres://x' };
  t.throws(() => backupSettings({ BACKUP_DIR: '/b' }, postgres), /pg_dump/);
  t.doesNotThrow(() => backupSettings({}, postgres));
});

t.test('the same hour on the wall each day, also when summer time begins', async (t) => {
  const days = [START];
  for (let count = 0; count < 3; count++) days.push(nextDaily(days[count], 4 * 60));
  t.strictSame(
    days.slice(1).map((instant) => new Date(instant).toISOString()),
    ['2027-03-28T02:00:00.000Z', '2027-03-29T02:00:00.000Z', '2027-03-30T02:00:00.000Z'],
  );
  t.equal(
    new Date(nextDaily(START, 14 * 60)).toISOString(),
    '2027-03-27T13:00:00.000Z',
    'today, if it is to come',
  );
});

t.test('the newest stay, files of others are left alone, trouble is told', async (t) => {
  const store = await openStore({ dataDir: temporaryFolder(t) });
  t.teardown(() => store.close());
  const folder = join(temporaryFolder(t), 'deep', 'backups');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'meeting.sqlite'), 'mine');
  let now = START;
  const backups = new Backups(store, { folder, dailyAt: null, keep: 2 }, () => now, silent);
  const made: string[] = [];
  for (let count = 0; count < 3; count++) {
    now += 86_400_000;
    made.push(await backups.make());
  }
  t.strictSame(readdirSync(folder), [
    'meeting-20270329T120000000Z.sqlite',
    'meeting-20270330T120000000Z.sqlite',
    'meeting.sqlite',
  ]);
  t.equal(statSync(made[2]).mode & 0o777, 0o600, 'for the service’s user only');
  await t.rejects(backups.make(), /there is such a file/, 'none is written over');
  now += 1;
  t.match(await backups.make(), /000001Z/, 'and the next one is made all the same');
  const nowhere = new Backups(
    store,
    { folder: join(made[2], 'x'), dailyAt: null, keep: 2 },
    () => now,
    silent,
  );
  await t.rejects(nowhere.make());
});

t.test('each day by itself', async (t) => {
  const store = await openStore({ dataDir: temporaryFolder(t) });
  t.teardown(() => store.close());
  const folder = temporaryFolder(t);
  // Half a second before it is time.
  const from = Date.now();
  const clock = (): number => Date.parse('2027-03-27T01:29:59.500Z') + Date.now() - from;
  const backups = new Backups(store, { folder, dailyAt: 150, keep: 2 }, clock, silent);
  backups.start();
  await folderHolds(folder, (names) => names.some((name) => name.endsWith('.sqlite')));
  await backups.stop();
  t.match(readdirSync(folder), [/^meeting-20270327T0130\d{5}Z\.sqlite$/]);
});

t.test('restored: the service goes on from it, and its audit log is whole', async (t) => {
  const folder = anotherFolder(t);
  const backupDir = join(folder, 'backup');
  const first = await startTestService(t, { folder, env: { BACKUP_DIR: backupDir } });
  const anna = await organiser(first);
  const meeting = await book(anna, [{ name: 'Bo' }]);
  const file = await first.service.backup();
  t.equal(file.startsWith(backupDir), true);
  const later = await book(anna, [], { startsAt: new Date(first.clock.now + 300 * 60_000).toISOString() });
  const bo = first.browser();
  const token = tokenOf(invitationTo(meeting, 'Bo'));
  t.match(
    await bo.expect('GET', `/api/invitations/${token}`),
    { meetingId: meeting.id },
    'it runs on after it',
  );
  await first.service.close();

  const restored = anotherFolder(t);
  mkdirSync(join(restored, 'data'), { recursive: true });
  copyFileSync(file, join(restored, 'data', 'meeting.sqlite'));
  copyFileSync(join(first.dataDir, 'secret'), join(restored, 'data', 'secret'));
  const second = await startTestService(t, { folder: restored, startAt: first.clock.now });
  const again = second.browser();
  for (const [name, value] of anna.cookies) again.cookies.set(name, value);
  t.match(await again.expect('GET', `/api/portal/meetings/${meeting.id}`), { id: meeting.id });
  t.equal(await again.refused('GET', `/api/portal/meetings/${later.id}`), '404 not-found', 'that came after');
  t.match(await second.browser().expect('GET', `/api/invitations/${token}`), { meetingId: meeting.id });
  const { store } = second.service.context;
  t.match(await store.audit.verify(), { intact: true, problem: null });
  t.ok((await book(again, [], { startsAt: later.startsAt })).id);
  t.match(await store.audit.verify(), { intact: true, problem: null });
});

t.test('PostgreSQL is left to its own tools', async (t) => {
  const store = await openStore({ dataDir: temporaryFolder(t) });
  t.teardown(() => store.close());
  await prepareGround(store);
  const said: string[] = [];
  const log = pino({}, { write: (line: string) => said.push(line) });
  const postgres = { kind: 'postgres' as const, backupTo: () => Promise.reject(new Error('misuse')) };
  const backups = new Backups(postgres, { folder: '/nowhere', dailyAt: 1, keep: 1 }, Date.now, log);
  backups.start();
  const heard = once(process, 'SIGUSR2');
  // To this very process: nobody who listens would mean its end.
  process.kill(process.pid, 'SIGUSR2');
  await heard;
  t.match(said, [/pg_dump/]);
  await backups.stop();
});

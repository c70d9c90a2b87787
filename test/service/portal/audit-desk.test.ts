/** The audit log of an organisation as administrators see it, also when it is long. */
import t from 'tap';
import { AuditDesk } from '../../../examples/meeting/server/portal/audit-desk.js';
import type { AuditPage, AuditVerdictView } from '../../../examples/meeting/shared/api.js';
import { openStore, type Store } from '../../../examples/meeting/server/store/store.js';
import { prepareGround } from '../store/fixtures.js';
import { dropAuditTriggers, rawSql } from '../store/raw-sql.js';
import { temporaryFolder } from '../store/temporary-folder.js';
import { aTown, START, startPortal } from './portal-harness.js';

async function fill(store: Store, organisationId: string, count: number): Promise<void> {
  await store.transaction(async (tx) => {
    for (let n = 1; n <= count; n++) {
      const details = { n };
      await tx.audit.append({
        organisationId,
        at: START + n,
        action: 'meeting.changed',
        actor: 'system',
        details,
      });
    }
  });
}

t.test('page by page from the newest', async (t) => {
  const { store, signIn } = await startPortal(t);
  const town = await aTown(store);
  await fill(store, town.organisation.id, 450);
  const administrator = await signIn(town.administrator);
  const seen: number[] = [];
  let query = '';
  for (const expected of [251, 51, null]) {
    const page = (await administrator('GET', `/api/admin/audit${query}`)).body as unknown as AuditPage;
    t.equal(page.nextBefore, expected);
    t.equal(page.intact, true);
    seen.unshift(...page.entries.map(({ sequence }) => sequence));
    query = `?before=${page.nextBefore}`;
  }
  t.strictSame(
    seen,
    Array.from({ length: 450 }, (_, index) => index + 1),
    'each once, the oldest first',
  );
  const few = (await administrator('GET', '/api/admin/audit?limit=3&before=11')).body as unknown as AuditPage;
  t.strictSame(
    few.entries.map(({ sequence }) => sequence),
    [8, 9, 10],
  );
  for (const wrong of ['before=0', 'before=x', 'limit=1001', 'limit=1.5'])
    t.equal((await administrator('GET', `/api/admin/audit?${wrong}`)).status, 400, wrong);
});

t.test('exports of many pages come whole, and say whether the log is', async (t) => {
  const { store, signIn } = await startPortal(t);
  const town = await aTown(store);
  await fill(store, town.organisation.id, 5_000);
  const administrator = await signIn(town.administrator);
  const exported = await administrator('GET', '/api/admin/audit/export');
  const lines = exported.text.trimEnd().split('\n');
  t.equal(lines.length, 5_001, 'with the entry about the export');
  t.strictSame((JSON.parse(lines[4_999]) as { sequence: number }).sequence, 5_000);
  t.equal(exported.headers.get('x-audit-intact'), 'true');
  const verdict = (await administrator('POST', '/api/admin/audit/verify', {}))
    .body as unknown as AuditVerdictView;
  t.match(verdict, { intact: true, entries: 5_001, problemAt: null, checkedAt: '2027-03-01T08:00:00.000Z' });
});

t.test(
  'a look checks what is new, a full check everything, and what was found wrong stays said',
  async (t) => {
    const place = { dataDir: temporaryFolder(t) };
    let store = await openStore(place);
    const { organisation } = await prepareGround(store);
    const { id } = organisation;
    const clock = { now: START };
    const log: object[] = [];
    const looked: number[] = [];
    const deskOn = (on: Store): AuditDesk => {
      const audit = {
        ...on.audit,
        verifySince: async (...parameters: Parameters<Store['audit']['verifySince']>) => {
          const verdict = await on.audit.verifySince(...parameters);
          looked.push(verdict.entries);
          return verdict;
        },
      };
      const context = {
        store: { ...on, audit },
        now: () => clock.now,
        log: { error: (what: object) => log.push(what) },
      };
      return new AuditDesk(context as unknown as ConstructorParameters<typeof AuditDesk>[0]);
    };
    let desk = deskOn(store);
    t.match(await desk.page(id, {}), { entries: [], intact: true, nextBefore: null });
    await fill(store, id, 2_500);
    looked.length = 0;
    t.match(await desk.page(id, {}), { intact: true, checkedAt: '2027-03-01T08:00:00.000Z' });
    await fill(store, id, 10);
    clock.now += 1_000;
    t.match(await desk.page(id, {}), { intact: true, checkedAt: '2027-03-01T08:00:00.000Z' });
    await fill(store, id, 1_100);
    await desk.page(id, {});
    await desk.page(id, {});
    t.strictSame(looked, [2_500, 10, 1_110, 0], 'never all of it again');

    await store.close();
    await rawSql(place, ...dropAuditTriggers(place), `update audit set actor = 'system2' where sequence = 3`);
    store = await openStore(place);
    t.teardown(() => store.close());
    desk = deskOn(store);
    t.equal((await desk.page(id, {})).intact, true, 'an old entry is not looked at each time');
    clock.now += 25 * 60 * 60_000;
    await desk.verifyDue();
    t.match(log, [{ organisationId: id, problemAt: 3 }], 'but once a day');
    t.equal((await desk.page(id, {})).intact, false);
    t.match(await desk.verify(id), { intact: false, problemAt: 3 });
    log.length = 0;
    await desk.verifyDue();
    t.strictSame(log, [], 'told once a day');
  },
);

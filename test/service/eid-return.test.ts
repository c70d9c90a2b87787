/** BankID on the same device over HTTP: the session that began an order is signed in only from its own browser. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { EidOrderView, SessionView } from '../../examples/meeting/shared/api.js';
import { BankIdSimulator } from '../support/eid/bankid/simulator.js';
import { type Browser, newFolder, startTestService, type TestService } from './meetings/test-service.js';

interface Place {
  service: TestService;
  clock: { now: number };
  /** The order of this browser. */
  begin: (browser: Browser) => Promise<EidOrderView>;
  /** Somebody's app opens the link, and approves: the nonce that it gives to the browser beside it. */
  approve: (order: EidOrderView) => string;
}

async function start(t: Test): Promise<Place> {
  const clock = { now: Date.UTC(2026, 5, 1, 12) };
  const simulator = await BankIdSimulator.start({ t, now: () => clock.now });
  const folder = newFolder(t);
  const write = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const bankid = {
    environment: 'test',
    baseUrl: simulator.url,
    certificateFile: write('rp.p12', simulator.p12),
    passphraseFile: write('passphrase', simulator.passphrase),
    serverCaFile: write('ca.pem', simulator.ca),
    signatureRootsFile: write('roots.pem', simulator.signatureRoots),
  };
  const CONFIG_FILE = write('service.json', JSON.stringify({ eid: { bankid } }));
  const service = await startTestService(
    t,
    { folder, now: () => clock.now },
    { CONFIG_FILE, TEST_EID: 'off' },
  );
  return {
    ...{ service, clock },
    begin: (browser) =>
      browser.expect<EidOrderView>('POST', '/api/eid/orders', {
        provider: 'bankid',
        purpose: 'portal',
        sameDevice: true,
        returnPath: '/portal',
      }),
    approve(order) {
      const phone = simulator.newPhone();
      phone.open(order.launch?.mobile ?? '');
      const opened = phone.approve() ?? '';
      const [page, nonce] = opened.split('#eid-return=');
      t.match(page, /^http:\/\/[^/]+\/portal$/);
      return nonce;
    },
  };
}

const statusOf = (browser: Browser, { id }: EidOrderView): Promise<EidOrderView> =>
  browser.expect('GET', `/api/eid/orders/${id}`);
const handIn = (browser: Browser, nonce: string): Promise<EidOrderView> =>
  browser.expect('POST', '/api/eid/returned', { nonce });
const who = async (browser: Browser): Promise<string | null> =>
  (await browser.expect<SessionView>('GET', '/api/session')).person?.name ?? null;

t.test('back in the browser where it began', async (t) => {
  const { service, clock, begin, approve } = await start(t);
  const anna = service.browser();
  const order = await begin(anna);
  const nonce = approve(order);
  clock.now += 2_000;
  t.match(await statusOf(anna, order), { state: 'pending', message: { en: /Go back/ } });
  t.equal(await who(anna), null);
  const before = new Map(anna.cookies);
  t.match(await handIn(anna, nonce), { id: order.id, provider: 'bankid', state: 'pending' });
  t.match(await statusOf(anna, order), { state: 'complete' });
  t.equal(await who(anna), 'Anna Ängström');
  t.notSame(anna.cookies, before, 'in a new session');
  t.match(await handIn(anna, nonce), { id: '', state: 'failed', failure: 'expired' }, 'once');
  t.equal(await who(anna), 'Anna Ängström');
});

t.test("an attacker's link that somebody else approves signs nobody in", async (t) => {
  const { service, clock, begin, approve } = await start(t);
  // The victim has been here before, or never.
  const known = service.browser();
  await begin(known);
  for (const victim of [known, service.browser()]) {
    const attacker = service.browser();
    const order = await begin(attacker);
    const nonce = approve(order);
    clock.now += 2_000;
    t.match(await statusOf(attacker, order), { state: 'pending' });
    t.match(await handIn(victim, nonce), {
      id: '',
      provider: '',
      state: 'failed',
      failure: 'returned-elsewhere',
    });
    t.match(await statusOf(attacker, order), { state: 'failed', failure: 'returned-elsewhere' });
    t.match(await handIn(attacker, nonce), { state: 'failed' });
    t.match(await statusOf(attacker, order), { state: 'failed' });
    t.same([await who(attacker), await who(victim)], [null, null]);
  }
  t.match(service.log.join('\n'), /another browser/);
});

t.test('the nonce is in no answer, no log and no audit entry', async (t) => {
  const { service, clock, begin, approve } = await start(t);
  const said: unknown[] = [];
  const nonces: string[] = [];
  for (const isOwn of [true, false]) {
    const anna = service.browser();
    const order = await begin(anna);
    nonces.push(approve(order));
    clock.now += 2_000;
    said.push(order, await statusOf(anna, order));
    said.push(await handIn(isOwn ? anna : service.browser(), nonces.at(-1)!));
    said.push(await statusOf(anna, order));
  }
  const { store } = service.service.context;
  said.push(await store.audit.list({ organisationId: null }));
  const texts = JSON.stringify(said) + service.log.join('\n');
  t.match(texts, 'person.identified');
  for (const nonce of nonces) t.notOk(texts.includes(nonce));
});

t.test('what is no nonce is refused, and guesses are limited', async (t) => {
  const { service } = await start(t);
  const browser = service.browser();
  for (const nonce of [undefined, 7, '', 'A'.repeat(21), 'A'.repeat(23), `${'A'.repeat(21)}!`]) {
    t.equal(await browser.refused('POST', '/api/eid/returned', { nonce }), '400 bad-request', String(nonce));
  }
  const elsewhere = await browser.send(
    'POST',
    '/api/eid/returned',
    { nonce: 'A'.repeat(22) },
    { origin: 'https://evil.example' },
  );
  t.equal(elsewhere.status, 403, 'from a page of another site');
  const guess = (): Promise<string> =>
    browser.refused('POST', '/api/eid/returned', { nonce: 'A'.repeat(22) });
  let answer = await guess();
  for (let guesses = 0; answer === '200 none' && guesses < 100; guesses++) answer = await guess();
  t.equal(answer, '429 rate-limited');
});

import t from 'tap';
import { readPinnedKeys } from '#src/gateway/eid/freja/result-proof.js';
import { FrejaProvider } from '#src/gateway/eid/freja/freja-provider.js';
import { jwsCertificate } from '../../support/eid/freja/freja-pki.js';
import { type FrejaHarness, makeFrejaHarness, START } from '../../support/eid/freja/harness.js';
import { ANNA, type FrejaPerson } from '../../support/eid/freja/results.js';
import { until } from '../../support/until.js';
import { settle } from './conformance.js';

async function open(
  t: { teardown(end: () => Promise<void>): unknown },
  options: Parameters<typeof makeFrejaHarness>[0] = {},
): Promise<FrejaHarness> {
  const harness = await makeFrejaHarness(options);
  t.teardown(() => harness.close());
  return harness;
}

t.test('what is asked of Freja: the QR flow, at the level of Freja+', async (t) => {
  const harness = await open(t);
  const { provider, simulator } = harness;
  const order = await provider.start(START);
  t.strictSame(harness.orderOf(order).request, {
    userInfoType: 'INFERRED',
    userInfo: 'N/A',
    minRegistrationLevel: 'PLUS',
    attributesToReturn: [
      { attribute: 'BASIC_USER_INFO' },
      { attribute: 'SSN' },
      { attribute: 'LOA_LEVEL' },
      { attribute: 'REGISTRATION_LEVEL' },
    ],
  });
  t.strictSame(
    simulator.requests.map(({ method }) => method),
    ['initAuthentication'],
  );
});

t.test('the QR code and the link of the same device carry the reference', async (t) => {
  const harness = await open(t);
  const { provider } = harness;
  const far = await provider.start(START);
  const reference = encodeURIComponent(harness.orderOf(far).authRef);
  t.match(reference, /%2B%2F/, 'with what must be escaped');
  const link = `frejaeid://bindUserToTransaction?transactionReference=${reference}`;
  t.match(await provider.status(far), { state: 'pending', qr: link, launch: undefined });

  const near = await provider.start({ ...START, sameDevice: true });
  const nearLink = `frejaeid://bindUserToTransaction?transactionReference=${encodeURIComponent(harness.orderOf(near).authRef)}`;
  t.match(await provider.status(near), {
    state: 'pending',
    qr: undefined,
    launch: {
      desktop: nearLink,
      mobile: `${nearLink}&originAppScheme=${encodeURIComponent(START.returnUrl)}`,
    },
  });
});

t.test('Freja is asked every third second at the most, and the page follows the order', async (t) => {
  const harness = await open(t);
  const { provider, simulator } = harness;
  const order = await provider.start(START);
  const questions = (): number => simulator.requests.filter(({ method }) => method === 'getOneResult').length;
  for (let second = 0; second < 30; second++) {
    await provider.status(order);
    await provider.status(order);
    harness.advance(1_000);
  }
  t.equal(questions(), 9, 'at 3, 6 ... 27 seconds');
  await harness.scan(order);
  await provider.status(order);
  const status = await provider.status(order);
  t.match(status, { state: 'pending', message: { sv: /Godkänn/, en: /Approve/ }, qr: undefined });
});

t.test('a level below LoA 3 is told as such and lets nobody in', async (t) => {
  const harness = await open(t);
  const low: Partial<FrejaPerson>[] = [
    { registrationLevel: 'BASIC', loaLevel: 'LOA1' },
    { registrationLevel: 'EXTENDED', loaLevel: 'LOA2' },
    { registrationLevel: 'EXTENDED' },
    { loaLevel: 'LOA3_NR' },
    { loaLevel: '' },
  ];
  for (const difference of low) {
    const order = await harness.provider.start(START);
    await (await harness.scan(order)).approve({ ...ANNA, ...difference });
    t.match(
      await settle(harness, order),
      { state: 'failed', failure: 'assurance-too-low', message: { sv: /Freja\+/, en: /Freja\+/ } },
      JSON.stringify(difference),
    );
  }
  t.equal(harness.provider.rejectedProofs.get('level-too-low'), low.length);
});

t.test('numbers of the neighbours have their own kind; those of others are not served', async (t) => {
  const harness = await open(t);
  const prove = async (person: Partial<FrejaPerson>): Promise<unknown> => {
    const order = await harness.provider.start(START);
    await (await harness.scan(order)).approve({ ...ANNA, ...person });
    return settle(harness, order);
  };
  t.match(await prove({ country: 'NO', ssn: '01018012345' }), {
    state: 'complete',
    identity: { subjectType: 'personal-number-no', subject: '01018012345' },
  });
  t.match(await prove({ country: 'FI', ssn: '010180-123A' }), {
    state: 'complete',
    identity: { subjectType: 'personal-number-fi', subject: '010180-123A' },
  });
  t.match(await prove({ country: 'DK', ssn: '0101801234' }), { state: 'failed', failure: 'rejected' });
});

t.test('who has two at the same time is told so', async (t) => {
  const harness = await open(t);
  const order = await harness.provider.start(START);
  (await harness.scan(order)).reject();
  t.match(await settle(harness, order), { state: 'failed', failure: 'already-in-progress' });
});

t.test('an order that Freja does not know any longer has expired; refusals are final', async (t) => {
  const harness = await open(t);
  const { provider, simulator } = harness;
  simulator.failNext(422, 1004);
  await t.rejects(provider.start(START), { name: 'EidError', failure: 'provider-unavailable' });
  t.match(harness.log(), /"code":1004/, 'operators are told the number');
  const forgotten = await provider.start(START);
  harness.advance(3_000);
  simulator.failNext(422, 1100);
  t.match(await provider.status(forgotten), { state: 'failed', failure: 'expired' });
  await until(() => simulator.requests.at(-1)?.method === 'cancel');
  const refused = await provider.start(START);
  harness.advance(3_000);
  simulator.failNext(422, 1008);
  t.match(await provider.status(refused), { state: 'failed', failure: 'provider-unavailable' });
});

t.test('two minutes are the end, whatever Freja says', async (t) => {
  const harness = await open(t);
  const order = await harness.provider.start(START);
  harness.advance(131_000);
  const kept = harness.orderOf(order);
  Object.defineProperty(kept, 'status', { get: () => 'STARTED', set: () => undefined });
  t.match(await harness.provider.status(order), { state: 'failed', failure: 'expired' });
});

t.test(
  'without the certificate of the relying party nobody talks to Freja; nor to a server of others',
  async (t) => {
    const other = await open(t);
    const strangers = await open(t, { serverCa: jwsCertificate('other').pem });
    await t.rejects(strangers.provider.start(START), { name: 'EidError', failure: 'provider-unavailable' });
    t.equal(strangers.simulator.requests.length, 0);
    t.throws(
      () =>
        new FrejaProvider({
          p12: other.simulator.p12,
          passphrase: 'wrong',
          jwsCertificates: other.simulator.jwsCertificates,
        }),
      { name: 'TypeError', message: /passphrase/ },
    );
  },
);

t.test('pinned certificates: several at a time; what is none is refused', (t) => {
  const both = readPinnedKeys(`${jwsCertificate().pem}\n${jwsCertificate('other').pem}`);
  t.equal(both.size, 2);
  t.throws(() => readPinnedKeys('-----BEGIN PUBLIC KEY-----'), /found none/);
  t.throws(
    () => readPinnedKeys('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'),
    /cannot be read/,
  );
  t.end();
});

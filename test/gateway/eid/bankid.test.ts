import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import t, { type Test } from 'tap';
import { launchLinks, qrText } from '#src/gateway/eid/bankid/app-start.js';
import { BankIdProvider } from '#src/gateway/eid/bankid/bankid-provider.js';
import { BANKID_TEXTS, errorText } from '#src/gateway/eid/bankid/messages.js';
import type { EidOrder, EidStatus } from '#src/gateway/eid/eid-provider.js';
import { failureText, pendingText } from '#src/gateway/eid/order-texts.js';
import { readP12 } from '#src/gateway/eid/rp-certificate.js';
import { type BankIdHarness, makeBankIdHarness, START } from '../../support/eid/bankid/harness.js';
import { BankIdSimulator } from '../../support/eid/bankid/simulator.js';

type Failure = (EidStatus & { state: 'failed' })['failure'];

const STARTED = {
  orderRef: '131daac9-16c6-4618-beb0-365768f37288',
  autoStartToken: '7c40b5c9-fa74-49cf-b98c-bfe651f9a7c6',
  qrStartToken: '67df3917-fa0d-44e5-b327-edcc928297f8',
  qrStartSecret: 'd28db9a7-4cde-429e-a983-359be676944c',
};

async function open(t: Test, options?: Parameters<typeof makeBankIdHarness>[0]): Promise<BankIdHarness> {
  const harness = await makeBankIdHarness(options);
  t.teardown(() => harness.close());
  return harness;
}

async function next(harness: BankIdHarness, order: EidOrder): Promise<EidStatus> {
  harness.advance(2_000);
  return harness.provider.status(order);
}

async function refusal(harness: BankIdHarness): Promise<unknown> {
  return harness.provider.start(START).then(
    () => 'it began',
    (error: unknown) => error,
  );
}

t.test("the animated QR code, by BankID's own figures", async (t) => {
  const macs = [
    'dc69358e712458a66a7525beef148ae8526b1c71610eff2c16cdffb4cdac9bf8',
    '949d559bf23403952a94d103e67743126381eda00f0b3cbddbf7c96b1adcbce2',
    'a9e5ec59cb4eee4ef4117150abc58fad7a85439a6a96ccbecc3668b41795b3f3',
  ];
  for (const [seconds, mac] of macs.entries()) {
    t.equal(qrText(STARTED, seconds), `bankid.67df3917-fa0d-44e5-b327-edcc928297f8.${seconds}.${mac}`);
  }
});

t.test('links that open the app on the same device', async (t) => {
  t.strictSame(launchLinks(STARTED), {
    desktop: 'bankid:///?autostarttoken=7c40b5c9-fa74-49cf-b98c-bfe651f9a7c6&redirect=null',
    mobile: 'https://app.bankid.com/?autostarttoken=7c40b5c9-fa74-49cf-b98c-bfe651f9a7c6&redirect=null',
  });
});

t.test('each hint and error has its text; unknown ones too', async (t) => {
  const pending = [
    'outstandingTransaction',
    'noClient',
    'started',
    'userMrtd',
    'userCallConfirm',
    'userSign',
  ];
  for (const hint of [...pending, 'processing'])
    t.match(pendingText(BANKID_TEXTS, hint, false), { sv: /\S/, en: /\S/ }, hint);
  t.equal(pendingText(BANKID_TEXTS, 'outstandingTransaction', false).sv, 'Starta BankID-appen.');
  t.equal(pendingText(BANKID_TEXTS, 'outstandingTransaction', true).en, 'Trying to start your BankID app.');
  t.equal(
    pendingText(BANKID_TEXTS, 'userSign', true).en,
    'Enter your security code in the BankID app and select Identify or Sign.',
  );
  t.equal(pendingText(BANKID_TEXTS, 'toString', false).sv, 'Identifiering eller underskrift pågår.');

  const failed: [string, Failure, RegExp][] = [
    ['expiredTransaction', 'expired', /not responding/],
    ['certificateErr', 'certificate-error', /blocked or too old/],
    ['userCancel', 'cancelled-by-user', /^Action cancelled\.$/],
    ['cancelled', 'already-in-progress', /^Action cancelled\. Please try again\.$/],
    ['startFailed', 'start-failed', /scan the QR code/],
    ['userDeclinedCall', 'cancelled-by-user', /^Action cancelled/],
    ['notSupportedByUserApp', 'start-failed', /updated/],
    ['transactionRiskBlocked', 'risk-blocked', /security reasons/],
    ['constructor', 'rejected', /^Unknown error\. Please try again\.$/],
  ];
  for (const [hint, failure, text] of failed) {
    const found = failureText(BANKID_TEXTS, hint, false);
    t.equal(found.failure, failure, hint);
    t.match(found.message.en, text);
    t.match(found.message.sv, /[åäöÅÄÖ]|avbruten/);
  }
  t.match(failureText(BANKID_TEXTS, 'startFailed', true).message.en, /couldn't be found on your computer/);
  t.equal(errorText('alreadyInProgress').failure, 'already-in-progress');
  t.equal(errorText('internalError').message.sv, 'Internt tekniskt fel. Försök igen.');
});

t.test('what an order is asked with', async (t) => {
  const harness = await open(t, { requirement: { pinCode: true } });
  await harness.provider.start(START);
  await harness.provider.start({ ...START, purpose: 'å'.repeat(2_000) });
  const [first, second] = harness.simulator.requests;
  t.equal(first.contentType, 'application/json', 'a charset would be refused');
  t.strictSame(Object.keys(first.body).sort(), [
    'endUserIp',
    'requirement',
    'userNonVisibleData',
    'userVisibleData',
  ]);
  t.match(first.body, { endUserIp: '192.0.2.17', requirement: { pinCode: true } });
  t.equal(Buffer.from(String(first.body.userVisibleData), 'base64').toString(), 'Möte med Demokommunen');
  t.equal(Buffer.from(String(first.body.userNonVisibleData), 'base64').length, 32);
  t.not(first.body.userNonVisibleData, second.body.userNonVisibleData, 'a nonce of each order');
  t.match(
    Buffer.from(String(second.body.userVisibleData), 'base64').toString(),
    /^å{400,}$/,
    'cut at a character',
  );
});

t.test('an order by QR code, step by step', async (t) => {
  const harness = await open(t);
  const { provider, simulator } = harness;
  const order = await provider.start(START);
  const first = await provider.status(order);
  harness.advance(1_000);
  const second = await provider.status(order);
  t.match([first, second], [{ qr: /^bankid\.[\w-]+\.0\.[\da-f]{64}$/ }, { qr: /\.1\.[\da-f]{64}$/ }]);
  t.match(first, { message: { sv: 'Starta BankID-appen.' } });
  const { phone } = simulator;
  const { qr } = second as { qr: string };
  t.throws(() => phone.scan(qr.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))), /forged/);
  harness.advance(20_000);
  t.throws(() => phone.scan(qr), /not the current one/);
  phone.scan(((await provider.status(order)) as { qr: string }).qr);
  const started = await next(harness, order);
  t.match(started, { state: 'pending', message: { sv: /^Skriv in din säkerhetskod/ } });
  t.strictSame(Object.keys(started).sort(), ['message', 'state'], 'nothing more to scan');
  phone.hint('aHintOfNextYear');
  t.match(await next(harness, order), {
    state: 'pending',
    message: { en: /^Identification or signing in progress/ },
  });
  phone.approve();
  t.match(await next(harness, order), { state: 'complete', identity: { name: 'Anna Ängström' } });
});

t.test('an order on the same device, by either link', async (t) => {
  const harness = await open(t);
  for (const kind of ['desktop', 'mobile'] as const) {
    const order = await harness.provider.start({ ...START, sameDevice: true, purpose: undefined });
    const status = await harness.provider.status(order);
    if (status.state !== 'pending' || !status.launch) return t.fail('links are expected');
    t.equal(status.qr, undefined);
    harness.simulator.phone.open(status.launch[kind]);
    t.equal(harness.simulator.phone.approve(), START.returnUrl, 'where the app then leads');
    t.match(await next(harness, order), { state: 'complete' }, kind);
  }
});

t.test('an order that no app takes, and one that an app gives up', async (t) => {
  const harness = await open(t);
  const order = await harness.provider.start(START);
  harness.advance(31_000);
  t.match(await next(harness, order), { state: 'failed', failure: 'start-failed' });
  const other = await harness.provider.start(START);
  (await harness.scan(other)).fail('certificateErr');
  t.match(await next(harness, other), { state: 'failed', failure: 'certificate-error' });
});

t.test('refused at the start: said once, asked once', async (t) => {
  const harness = await open(t);
  const errors: [number, string, Failure][] = [
    [400, 'alreadyInProgress', 'already-in-progress'],
    [400, 'invalidParameters', 'provider-unavailable'],
    [401, 'unauthorized', 'provider-unavailable'],
    [408, 'requestTimeout', 'provider-unavailable'],
    [415, 'unsupportedMediaType', 'provider-unavailable'],
    [500, 'internalError', 'provider-unavailable'],
    [503, 'Maintenance', 'provider-unavailable'],
    [503, '<script>', 'provider-unavailable'],
  ];
  for (const [status, errorCode, failure] of errors) {
    const before = harness.requests();
    harness.simulator.failNext(status, errorCode);
    t.match(await refusal(harness), { name: 'EidError', failure }, errorCode);
    t.equal(harness.requests() - before, 1, 'no repetition');
  }
  t.match(harness.log(), /"httpStatus":408,"errorCode":"requestTimeout"/);
  t.notMatch(harness.log(), /script|details/);
  for (const text of ['{}', '[]', 'null', '{"orderRef":1}', `{"orderRef":"${'x'.repeat(900)}"}`]) {
    harness.simulator.answerNext(text);
    t.match(await refusal(harness), { failure: 'provider-unavailable' }, text.slice(0, 20));
  }
});

t.test('during an order: 408 and 500 end it, 503 and nonsense pass', async (t) => {
  const harness = await open(t);
  const { provider, simulator } = harness;
  for (const [status, errorCode, failure] of [
    [408, 'requestTimeout', 'provider-unavailable'],
    [500, 'internalError', 'provider-unavailable'],
    [400, 'invalidParameters', 'expired'],
  ] as const) {
    const order = await provider.start(START);
    simulator.failNext(status, errorCode);
    t.match(await next(harness, order), { state: 'failed', failure }, errorCode);
  }
  const order = await provider.start(START);
  simulator.failNext(503, 'Maintenance');
  t.match(await next(harness, order), { state: 'pending' });
  for (const text of [
    '{"status":"complete","orderRef":"of-somebody-else"}',
    '{"status":"finished"}',
    '{"status":7}',
    '[1]',
    '"complete"',
  ]) {
    simulator.answerNext(text);
    t.match(await next(harness, order), { state: 'pending' }, text);
  }
  simulator.answerNext('{"status":"pending","hintCode":7,"completionData":{"user":1}}');
  t.match(await next(harness, order), { state: 'pending' });
  simulator.answerNext('{"status":"complete","completionData":{"user":{"personalNumber":"198001012389"}}}');
  t.match(await next(harness, order), { state: 'failed', failure: 'proof-invalid' }, 'a word is no proof');
  t.strictSame([...provider.rejectedProofs], [['completion-incomplete', 1]]);
  t.match(harness.log(), /"reason":"completion-incomplete"/);
});

t.test('asks for an order every other second at most', async (t) => {
  const harness = await open(t);
  const order = await harness.provider.start(START);
  const before = harness.requests();
  for (let quarter = 0; quarter < 40; quarter++) {
    harness.advance(250);
    await harness.provider.status(order);
  }
  t.equal(harness.requests() - before, 5, 'in ten seconds');
});

t.test("an idle connection that the service has just closed is nobody's trouble", async (t) => {
  const harness = await open(t);
  const order = await harness.provider.start(START);
  harness.simulator.dropNext();
  await harness.provider.start(START);
  await next(harness, order);
  harness.simulator.dropNext();
  await next(harness, order);
  t.equal(harness.orderOf(order).collected, 2);
  t.equal(harness.log(), '');
});

t.test("a server that is not BankID's hears nothing", async (t) => {
  const impostor = await BankIdSimulator.start({ t, server: 'wrong' });
  const harness = await open(t, { baseUrl: impostor.url });
  t.match(await refusal(harness), { failure: 'provider-unavailable' });
  t.equal(impostor.requests.length, 0);
  t.match(harness.log(), /"kind":"unreachable"/);
});

t.test('configuration that cannot work is refused with words', async (t) => {
  const simulator = await BankIdSimulator.start({ t });
  t.ok(existsSync(simulator.p12Path));
  const options = {
    p12: readFileSync(simulator.p12Path),
    passphrase: simulator.passphrase,
    serverCa: simulator.ca,
    signatureRoots: simulator.signatureRoots,
  };
  t.throws(
    () => new BankIdProvider({ ...options, passphrase: 'wrong' }),
    /\.p12 file \(PKCS #12\) and its passphrase/,
  );
  t.throws(() => new BankIdProvider({ ...options, p12: Buffer.from('no') }), TypeError);
  t.throws(() => new BankIdProvider({ ...options, signatureRoots: 'no' }), /PEM text/);
  t.throws(() => new BankIdProvider({ ...options, baseUrl: 'http://127.0.0.1' }), /https:/);
  const provider = new BankIdProvider(options);
  t.match(provider, { id: 'bankid', flow: 'app', isTest: false });
  await provider.close();
  const { cert, key } = readP12(options.p12, options.passphrase);
  t.equal(cert.match(/BEGIN CERTIFICATE/g)?.length, 2, 'with its issuer');
  t.match(key, /BEGIN RSA PRIVATE KEY/);
});

t.test('the simulator is as strict as the service', async (t) => {
  const simulator = await BankIdSimulator.start({ t });
  const rp = readP12(simulator.p12, simulator.passphrase);
  const post = (path: string, contentType: string, tls: object, method = 'POST'): Promise<number | string> =>
    new Promise((resolve) => {
      const url = `${simulator.url}/${path}`;
      const headers = { 'Content-Type': contentType };
      const outgoing = request(
        url,
        { method, headers, ca: simulator.ca, agent: false, ...tls },
        (incoming) => {
          incoming.resume().on('end', () => resolve(incoming.statusCode ?? 0));
        },
      );
      outgoing.on('error', () => resolve('refused'));
      outgoing.end('{"endUserIp":"192.0.2.1"}');
    });
  t.equal(await post('auth', 'application/json', rp), 200);
  t.equal(await post('auth', 'application/json', {}), 'refused', 'no certificate');
  t.equal(await post('auth', 'application/json; charset=utf-8', rp), 415);
  t.equal(await post('auth', 'application/json', rp, 'PUT'), 405);
  t.equal(await post('collect', 'application/json', rp), 400);
  t.equal(await post('phone/auth', 'application/json', rp), 404);
});

import t from 'tap';
import type { EidOrder, EidStatus } from '#src/gateway/eid/eid-provider.js';
import { OidcProvider } from '#src/gateway/eid/oidc/oidc-provider.js';
import { SITHS } from '#src/gateway/eid/oidc/ready-made.js';
import { makeOidcHarness, type OidcHarness, START } from '../../support/eid/oidc/harness.js';
import { BERTIL } from '../../support/eid/oidc/people.js';
import { ACR, OidcSimulator, REDIRECT_URI } from '../../support/eid/oidc/simulator.js';

async function open(
  t: { teardown(end: () => Promise<void>): unknown },
  ...given: Parameters<typeof makeOidcHarness>
): Promise<OidcHarness> {
  const harness = await makeOidcHarness(...given);
  t.teardown(() => harness.close());
  return harness;
}

async function redirectUrl({ provider }: OidcHarness, order: EidOrder): Promise<URL> {
  const status = await provider.status(order);
  return new URL(status.state === 'pending' ? (status.redirectUrl ?? '') : '');
}

async function comeBack({ provider }: OidcHarness, order: EidOrder, url: URL): Promise<EidStatus> {
  await provider.answer(order, { kind: 'callback', url: url.href });
  return provider.status(order);
}

t.test('what the browser asks the provider for', async (t) => {
  const harness = await open(t, { maxAgeSeconds: 60, requestClaims: true });
  const asked = async (): Promise<URLSearchParams> =>
    (await redirectUrl(harness, await harness.provider.start(START))).searchParams;
  const first = await asked();
  const { claims, state, nonce, code_challenge, ...others } = Object.fromEntries(first);
  t.strictSame(others, {
    prompt: 'login',
    acr_values: ACR,
    max_age: '60',
    redirect_uri: REDIRECT_URI,
    scope: 'openid profile',
    code_challenge_method: 'S256',
    ui_locales: 'sv',
    client_id: harness.simulator.clientId,
    response_type: 'code',
  });
  t.strictSame(JSON.parse(claims), {
    id_token: {
      employeeHsaId: null,
      credentialPersonalIdentityNumber: null,
      acr: { essential: true, values: [ACR] },
    },
  });
  const second = await asked();
  for (const [name, value] of Object.entries({ state, nonce, code_challenge })) {
    t.match(value, /^[\w-]{43}$/, `${name}: 256 bits`);
    t.not(second.get(name), value, `${name}: for one order only`);
  }
});

t.test('an identity has the personal number beside the HSA-ID, and the ID token as evidence', async (t) => {
  const harness = await open(t);
  const order = await harness.provider.start(START);
  const status = await comeBack(harness, order, await harness.visit(order, BERTIL.sub));
  t.match(status, {
    state: 'complete',
    identity: {
      subject: BERTIL.hsaId,
      alsoKnownAs: [{ type: 'personal-number-se', subject: BERTIL.personalNumber }],
      givenName: BERTIL.givenName,
      surname: BERTIL.surname,
      assurance: 'substantial',
      evidence: /^ey[\w-]+\.[\w-]+\.[\w-]+$/,
    },
  });
});

t.test('each forgery fails for its own reason', async (t) => {
  const reasons: Record<string, RegExp> = {
    'token-signed-by-another-key': /INVALID_SIGNATURE|INVALID_RESPONSE/,
    'token-expired': /TIMESTAMP/,
    'token-other-nonce': /CLAIM_COMPARISON/,
    'token-other-audience': /CLAIM_COMPARISON/,
    'token-other-issuer': /CLAIM_COMPARISON/,
    'token-number-of-another-form': /subject-form/,
    'token-without-subject': /subject-missing/,
    'callback-other-code': /invalid_grant/,
    'callback-other-issuer': /INVALID_RESPONSE/,
    'callback-without-issuer': /INVALID_RESPONSE/,
    'callback-other-state': /INVALID_RESPONSE/,
  };
  const harness = await open(t);
  for (const [forgery, reason] of Object.entries(reasons)) {
    const before = harness.log().length;
    const order = await harness.provider.start(START);
    await harness.forge(order, harness.people[0], forgery);
    t.match(await harness.provider.status(order), { state: 'failed', failure: 'proof-invalid' }, forgery);
    t.match(harness.log().slice(before), reason, forgery);
  }
});

t.test('a level that is not accepted, or none, lets nobody in', async (t) => {
  const harness = await open(t);
  for (const forgery of ['acr-low', 'acr-missing']) {
    const order = await harness.provider.start(START);
    await harness.forge(order, harness.people[0], forgery);
    t.match(
      await harness.provider.status(order),
      { state: 'failed', failure: 'assurance-too-low', message: { sv: /tillitsnivå/, en: /assurance/ } },
      forgery,
    );
  }
});

t.test('an answer counts once: replayed, it opens neither its own order again nor another', async (t) => {
  const harness = await open(t);
  const { provider, simulator } = harness;
  const first = await provider.start(START);
  const callback = await harness.visit(first);
  await Promise.all([comeBack(harness, first, callback), comeBack(harness, first, callback)]);
  const status = await provider.status(first);
  t.match(status, { state: 'complete' });
  t.equal(simulator.requests.filter((path) => path === '/token').length, 1);
  t.strictSame(await comeBack(harness, first, callback), status);

  const second = await provider.start(START);
  t.match(await comeBack(harness, second, callback), { state: 'failed', failure: 'proof-invalid' });

  const third = await provider.start(START);
  const spliced = new URL(callback);
  spliced.searchParams.set('state', (await redirectUrl(harness, third)).searchParams.get('state') ?? '');
  t.match(await comeBack(harness, third, spliced), { state: 'failed', failure: 'proof-invalid' });
});

t.test('a wrong answer ends the order: the right one afterwards is too late', async (t) => {
  const harness = await open(t);
  const order = await harness.provider.start(START);
  const callback = await harness.visit(order);
  const wrong = new URL(callback);
  wrong.searchParams.set('state', 'guessed');
  await comeBack(harness, order, wrong);
  t.match(await comeBack(harness, order, callback), { state: 'failed', failure: 'proof-invalid' });
  const other = await harness.provider.start(START);
  await harness.provider.answer(other, { kind: 'callback', url: 'not a url' });
  t.match(await harness.provider.status(other), { state: 'failed', failure: 'proof-invalid' });
});

t.test('errors of the provider have names', async (t) => {
  const harness = await open(t);
  const failures = {
    access_denied: 'cancelled-by-user',
    temporarily_unavailable: 'provider-unavailable',
    server_error: 'provider-unavailable',
    unmet_authentication_requirements: 'assurance-too-low',
    interaction_required: 'rejected',
    '198001012389': 'rejected',
  };
  for (const [error, failure] of Object.entries(failures)) {
    const order = await harness.provider.start(START);
    const url = new URL(REDIRECT_URI);
    const state = (await redirectUrl(harness, order)).searchParams.get('state') ?? '';
    url.search = new URLSearchParams({ error, state, iss: harness.simulator.issuer }).toString();
    t.match(await comeBack(harness, order, url), { state: 'failed', failure }, error);
  }
  t.notMatch(harness.log(), /1980/, 'what a browser brings is not logged');
});

t.test('a client secret instead of a key; a wrong one is nobody', async (t) => {
  const simulator = await OidcSimulator.start({ t, clientAuthentication: 'client_secret_basic' });
  for (const [secret, outcome] of [
    [simulator.clientSecret, { state: 'complete' }],
    ['wrong', { state: 'failed', failure: 'provider-unavailable' }],
  ] as const) {
    const harness = await open(t, {
      issuer: simulator.issuer,
      clientAuthentication: { method: 'client_secret_basic', secret },
    });
    const order = await harness.provider.start(START);
    t.match(await comeBack(harness, order, await harness.visit(order)), outcome);
  }
});

t.test('signed requests and encrypted ID tokens', async (t) => {
  const simulator = await OidcSimulator.start({ t, isStrict: true });
  const given = {
    issuer: simulator.issuer,
    clientAuthentication: { method: 'private_key_jwt', key: simulator.clientKey },
  } as const;
  const harness = await open(t, {
    ...given,
    requestKey: simulator.clientKey,
    decryptionKey: simulator.decryptionKey,
  });
  const order = await harness.provider.start(START);
  const { searchParams } = await redirectUrl(harness, order);
  t.strictSame([...searchParams.keys()].sort(), ['client_id', 'request'], 'all else is signed');
  const status = await comeBack(harness, order, await harness.visit(order));
  t.match(status, { state: 'complete', identity: { evidence: /^([\w-]+\.){4}[\w-]+$/ } }, 'encrypted');

  const blind = await open(t, { ...given, requestKey: simulator.clientKey });
  const unread = await blind.provider.start(START);
  t.match(await comeBack(blind, unread, await blind.visit(unread)), { state: 'failed' });
});

t.test('only the configured issuer is believed, and only over TLS', async (t) => {
  const simulator = await OidcSimulator.start({ t });
  const elsewhere = simulator.issuer.replace('127.0.0.1', 'localhost');
  const harness = await open(t, { issuer: elsewhere });
  await t.rejects(harness.provider.start(START), { name: 'EidError', failure: 'provider-unavailable' });
  const options = {
    ...SITHS,
    id: 'siths',
    clientId: 'x',
    clientAuthentication: { method: 'client_secret_basic', secret: 'x' },
  } as const;
  t.throws(() => new OidcProvider({ ...options, issuer: 'http://idp.example' }), /must begin with https/);
  t.throws(
    () => new OidcProvider({ ...options, issuer: 'https://idp.example', assurances: {} }),
    /at least one/,
  );
  await t.rejects(harness.provider.start({ ...START, returnUrl: `${REDIRECT_URI}?a=1` }), TypeError);
});

t.test('claims of the userinfo endpoint, after those that are signed', async (t) => {
  const harness = await open(t, { userInfo: true });
  const order = await harness.provider.start(START);
  const status = await comeBack(harness, order, await harness.visit(order));
  t.match(status, { state: 'complete', identity: { evidence: /"userInfo":\{/ } });
  t.ok(harness.simulator.requests.includes('/me'));
});

/** A service with e-IDs by its CONFIG_FILE alone, against services like those of the providers: one whole login with each. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { EidOrderView, EidProviderView, SessionView } from '../../examples/meeting/shared/api.js';
import { BankIdSimulator } from '../support/eid/bankid/simulator.js';
import { ANNA as FREJA_ANNA } from '../support/eid/freja/results.js';
import { FrejaSimulator } from '../support/eid/freja/simulator.js';
import { browse } from '../support/eid/oidc/browse.js';
import { ANNA } from '../support/eid/oidc/people.js';
import { OidcSimulator, type OidcSimulatorOptions } from '../support/eid/oidc/simulator.js';
import * as worlds from '../support/eid/oidc/worlds.js';
import { type Browser, newFolder, startTestService, type TestService } from './meetings/test-service.js';

interface Begun {
  service: TestService;
  clock: { now: number };
}

/** `eid`: the part of the file; `files`: beside it. */
async function startWith(
  t: Test,
  eid: object,
  files: Record<string, string | Uint8Array>,
  { clock = { now: Date.now() }, env = {} }: { clock?: { now: number }; env?: Record<string, string> } = {},
): Promise<Begun> {
  const folder = newFolder(t);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const file = join(folder, 'service.json');
  writeFileSync(file, JSON.stringify({ serviceName: 'Digitala möten', eid }));
  // Fully by the file: the test e-ID is off.
  const service = await startTestService(
    t,
    { folder, now: () => clock.now },
    { CONFIG_FILE: file, TEST_EID: 'off', ...env },
  );
  return { service, clock };
}

async function begin(browser: Browser, provider: string): Promise<EidOrderView> {
  const request = { provider, purpose: 'portal', sameDevice: true, returnPath: '/portal' };
  return browser.expect<EidOrderView>('POST', '/api/eid/orders', request);
}

/** Nothing of the person in what the service has logged. */
function saidNothing(t: Test, { log }: TestService, number: string): void {
  t.notMatch(log.join('\n'), new RegExp(number.slice(-10)));
}

t.test('BankID, opened on the same device; the passphrase is in a file', async (t) => {
  const clock = { now: Date.UTC(2026, 5, 1, 12) };
  const simulator = await BankIdSimulator.start({ t, now: () => clock.now });
  const { service } = await startWith(
    t,
    {
      bankid: {
        environment: 'test',
        baseUrl: simulator.url,
        certificateFile: 'rp.p12',
        passphraseFile: 'passphrase',
        serverCaFile: 'ca.pem',
        signatureRootsFile: 'roots.pem',
      },
    },
    {
      'rp.p12': simulator.p12,
      passphrase: `${simulator.passphrase}\n`,
      'ca.pem': simulator.ca,
      'roots.pem': simulator.signatureRoots,
    },
    { clock },
  );
  const browser = service.browser();
  const { providers } = await browser.expect<{ providers: EidProviderView[] }>('GET', '/api/eid/providers');
  t.match(
    providers.find(({ id }) => id === 'bankid'),
    { flow: 'app', assurance: 'substantial', isTest: true },
  );
  const order = await begin(browser, 'bankid');
  simulator.phone.open(order.launch?.desktop ?? '');
  const [, nonce] = (simulator.phone.approve() ?? '').split('#eid-return=');
  clock.now += 2_000;
  t.match(await browser.expect('GET', `/api/eid/orders/${order.id}`), { state: 'pending' });
  t.match(await browser.expect('POST', '/api/eid/returned', { nonce }), { id: order.id });
  t.match(await browser.expect('GET', `/api/eid/orders/${order.id}`), { state: 'complete' });
  t.match(await browser.expect<SessionView>('GET', '/api/session'), {
    person: { name: 'Anna Ängström', provider: 'bankid', assurance: 'substantial' },
  });
  t.equal(
    Buffer.from(String(simulator.requests[0].body.userVisibleData), 'base64').toString(),
    'Logga in i Digitala möten',
  );
  saidNothing(t, service, '198001012389');
});

t.test('Freja; the passphrase is in the environment', async (t) => {
  const clock = { now: Date.UTC(2026, 5, 1, 12) };
  const simulator = await FrejaSimulator.start({ t, now: () => clock.now });
  const { service } = await startWith(
    t,
    {
      freja: {
        baseUrl: simulator.url,
        certificateFile: 'freja.p12',
        passphraseEnv: 'FREJA_PASSPHRASE',
        signingCertificatesFile: 'freja-jws.pem',
        serverCaFile: 'freja-ca.pem',
      },
    },
    {
      'freja.p12': simulator.p12,
      'freja-jws.pem': simulator.jwsCertificates,
      'freja-ca.pem': simulator.ca,
    },
    { clock, env: { FREJA_PASSPHRASE: simulator.passphrase } },
  );
  const browser = service.browser();
  const order = await begin(browser, 'freja');
  simulator.phone.scan(order.launch?.mobile ?? '');
  await simulator.phone.approve();
  clock.now += 3_000;
  t.match(await browser.expect('GET', `/api/eid/orders/${order.id}`), { state: 'complete' });
  t.match(await browser.expect<SessionView>('GET', '/api/session'), {
    person: { provider: 'freja', assurance: 'substantial' },
  });
  saidNothing(t, service, FREJA_ANNA.ssn);
});

interface OidcCase {
  profile: string;
  world: worlds.OidcWorld;
  /** Beside what each has. */
  simulated?: OidcSimulatorOptions;
  config?: object;
  assurance: 'substantial' | 'high';
  /** What the browser is sent away with. */
  asks: Record<string, RegExp>;
}

const KEY = { method: 'private_key_jwt', keyFile: 'client.jwk' };
const CASES: OidcCase[] = [
  {
    profile: 'SITHS',
    world: worlds.SITHS_WORLD,
    config: { label: { sv: 'SITHS-kort', en: 'SITHS card' }, parameters: { prompt: 'login' } },
    assurance: 'substantial',
    asks: { acr_values: /loa3$/, claims: /"essential":true/, prompt: /^login$/ },
  },
  {
    profile: 'BANKID_NORWAY',
    world: worlds.NORWEGIAN_WORLD,
    simulated: { clientAuthentication: 'client_secret_post' },
    config: { clientAuthentication: { method: 'client_secret_post', secretEnv: 'NORWEGIAN_SECRET' } },
    assurance: 'high',
    asks: { acr_values: /^urn:bankid:bid$/, scope: /nnin_altsub/ },
  },
  {
    profile: 'FINLAND_FTN',
    world: worlds.FINNISH_WORLD,
    simulated: { isStrict: true },
    config: { requestKeyFile: 'client.jwk', decryptionKeyFile: 'decryption.jwk' },
    assurance: 'substantial',
    asks: { request: /^ey[\w-]+\.[\w-]+\.[\w-]+$/ },
  },
  {
    profile: 'SWEDEN_CONNECT',
    world: worlds.SWEDISH_WORLD,
    assurance: 'substantial',
    asks: { scope: /naturalPersonNumber/ },
  },
  {
    profile: 'EIDAS',
    world: worlds.EIDAS_WORLD,
    assurance: 'substantial',
    asks: { claims: /"https:\/\/id.swedenconnect.se\/claim\/prid":null/ },
  },
  {
    profile: 'FREJA_OIDC',
    world: worlds.FREJA_WORLD,
    simulated: { clientAuthentication: 'client_secret_basic' },
    config: { clientAuthentication: { method: 'client_secret_basic', secretFile: 'secret' } },
    assurance: 'substantial',
    asks: { scope: /personalIdentityNumber/ },
  },
];

t.test('each profile of OpenID Connect; all of them in one file', async (t) => {
  const made = await Promise.all(
    CASES.map(async (one) => {
      const simulator = await OidcSimulator.start({ t, world: one.world, ...one.simulated });
      const id = one.profile.toLowerCase().replace('_', '-');
      return { ...one, id, simulator };
    }),
  );
  const [first] = made;
  const secretOf = (profile: string): string =>
    made.find((one) => one.profile === profile)!.simulator.clientSecret;
  const { service } = await startWith(
    t,
    {
      oidc: made.map(({ profile, id, simulator, config }) => ({
        profile,
        id,
        issuer: simulator.issuer,
        clientId: simulator.clientId,
        clientAuthentication: KEY,
        ...config,
      })),
    },
    {
      'client.jwk': JSON.stringify(first.simulator.clientKey),
      'decryption.jwk': JSON.stringify(first.simulator.decryptionKey),
      secret: `${secretOf('FREJA_OIDC')}\n`,
    },
    { env: { NORWEGIAN_SECRET: secretOf('BANKID_NORWAY') } },
  );
  for (const { profile, id, simulator, assurance, asks } of made) {
    simulator.register(`${service.url}/eid/callback`);
    const browser = service.browser();
    const order = await begin(browser, id);
    const { searchParams } = new URL(order.redirectUrl ?? '');
    for (const [name, value] of Object.entries(asks)) t.match(searchParams.get(name), value, profile);
    const back = new URL(await browse(order.redirectUrl ?? '', { person: ANNA.sub }));
    t.equal(back.origin, service.url);
    const answer = await browser.get(back.pathname + back.search);
    t.equal(answer.headers.get('location'), '/portal', `${profile}: ${service.log.at(-1)}`);
    t.match(
      await browser.expect<SessionView>('GET', '/api/session'),
      { person: { name: ANNA.name, provider: id, assurance } },
      profile,
    );
  }
  const { providers } = await service
    .browser()
    .expect<{ providers: EidProviderView[] }>('GET', '/api/eid/providers');
  t.match(providers[0], { id: 'siths', label: { sv: 'SITHS-kort', en: 'SITHS card' }, isTest: false });
  for (const number of [ANNA.personalNumber, '01018012345', '010180-123A']) saidNothing(t, service, number);
});

/** CONFIG_FILE, part `eid`: what is wrong stops the start, with the path in the file, what was expected, and no secret. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { readConfig } from '../../examples/meeting/server/config.js';
import { DEFAULT_SERVICE_FILE, parseServiceFile } from '../../examples/meeting/server/config-file.js';
import { configuredProviders } from '../../examples/meeting/server/eid-providers.js';
import { startService } from '../../examples/meeting/server/service.js';
import type { EidProvider } from '#src/gateway/eid/eid-provider.js';
import { P12_PASSPHRASE, rpP12, signatureRoot, tlsTrust } from '../support/eid/bankid/bankid-pki.js';
import * as freja from '../support/eid/freja/freja-pki.js';

const log = pino({ level: 'silent' });
const rsa = (bits = 2048): object =>
  generateKeyPairSync('rsa', { modulusLength: bits }).privateKey.export({ format: 'jwk' });
const KEY = rsa();
const { d: _, ...PUBLIC } = KEY as Record<string, string>;

const FILES: Record<string, string | Uint8Array> = {
  'rp.p12': rpP12(),
  passphrase: P12_PASSPHRASE,
  'ca.pem': tlsTrust.server(),
  'root.pem': signatureRoot().pem,
  'freja.p12': freja.rpP12(),
  'freja-jws.pem': freja.jwsCertificate().pem,
  secret: 'hunter2-of-the-client\n',
  wrong: 'hunter2',
  empty: ' \n',
  'garbage.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  'sign.jwk': JSON.stringify({ ...KEY, alg: 'PS256', kid: 'a' }),
  'decrypt.jwk': JSON.stringify({ ...KEY, alg: 'RSA-OAEP-256', kid: 'b' }),
  'public.jwk': JSON.stringify({ ...PUBLIC, alg: 'RS256', kid: 'a' }),
  'nameless.jwk': JSON.stringify({ ...KEY, alg: 'RS256' }),
  'aimless.jwk': JSON.stringify({ ...KEY, kid: 'a' }),
  'short.jwk': JSON.stringify({ ...rsa(1024), alg: 'RS256', kid: 'a' }),
  'otherwise.jwk': JSON.stringify({ ...KEY, alg: 'ES256', kid: 'a' }),
  'set.jwk': JSON.stringify({ keys: [{ ...KEY, alg: 'RS256', kid: 'a' }] }),
};

const BANKID = {
  certificateFile: 'rp.p12',
  passphraseFile: 'passphrase',
  serverCaFile: 'ca.pem',
  signatureRootsFile: 'root.pem',
};
const FREJA = {
  certificateFile: 'freja.p12',
  passphraseEnv: 'FREJA_PASSPHRASE',
  signingCertificatesFile: 'freja-jws.pem',
};
const SITHS = {
  profile: 'SITHS',
  id: 'siths',
  issuer: 'https://idp.example',
  clientId: 'kommunen',
  clientAuthentication: { method: 'private_key_jwt', keyFile: 'sign.jwk' },
};
const BY_SECRET = { method: 'client_secret_basic', secretFile: 'secret' };
const ENV = { FREJA_PASSPHRASE: freja.P12_PASSPHRASE, CLIENT_SECRET: 'hunter2-of-the-client' };

function folderOf(t: Test): string {
  const folder = t.testdir({});
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), content);
  return folder;
}

function make(folder: string, eid: object, env: Record<string, string> = ENV): EidProvider[] {
  return configuredProviders({ ...DEFAULT_SERVICE_FILE, eid: { ...eid }, folder, env }, Date.now, log);
}

function mistake(folder: string, eid: object, env?: Record<string, string>): string {
  try {
    make(folder, eid, env);
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  return 'no mistake';
}

t.test('what is right: ids, places of the services, and what is a test', async (t) => {
  const folder = folderOf(t);
  const made = make(folder, {
    bankid: BANKID,
    freja: { ...FREJA, environment: 'test', serverCaFile: 'ca.pem' },
    oidc: [
      { ...SITHS, serverCaFile: 'ca.pem' },
      {
        ...SITHS,
        id: 'siths-2',
        environment: 'test',
        issuer: 'http://127.0.0.1:9',
        clientAuthentication: { method: 'client_secret_post', secretEnv: 'CLIENT_SECRET' },
        assurances: { 'urn:low': 'low', 'urn:high': 'high' },
        subject: { claim: 'mail', type: 'email' },
        scopes: ['openid', 'email'],
        acrValues: ['urn:high'],
        parameters: { prompt: 'login' },
        requestKeyFile: 'sign.jwk',
        decryptionKeyFile: 'decrypt.jwk',
      },
    ],
  });
  t.strictSame(
    made.map(({ id, isTest, assurance }) => [id, isTest, assurance]),
    [
      ['bankid', false, 'substantial'],
      ['freja', true, 'substantial'],
      ['siths', false, 'substantial'],
      ['siths-2', true, 'high'],
    ],
  );
  t.equal(make(folder, { oidc: SITHS }).length, 1, 'a single one needs no list');
  t.strictSame(make(folder, {}), []);
  await Promise.all(made.map((provider) => provider.close()));
});

t.test('each mistake by its path', async (t) => {
  const folder = folderOf(t);
  const oidc = (change: object): object => ({ oidc: [SITHS, { ...SITHS, id: 'other', ...change }] });
  const keyed = (keyFile: string): object =>
    oidc({ clientAuthentication: { method: 'private_key_jwt', keyFile } });
  const mistakes: [object, RegExp][] = [
    [{ bankId: BANKID }, /"bankId" in eid is not known; known: bankid, freja, oidc/],
    [{ bankid: 'yes' }, /eid\.bankid must be an object/],
    [{ bankid: { ...BANKID, passphrase: 'hunter2' } }, /"passphrase" in eid\.bankid is not known/],
    [{ bankid: { ...BANKID, certificateFile: undefined } }, /eid\.bankid\.certificateFile .*missing/],
    [
      { bankid: { ...BANKID, certificateFile: 'gone' } },
      /certificateFile is "gone".*cannot be read \(ENOENT\)/,
    ],
    [{ bankid: { ...BANKID, certificateFile: 'ca.pem' } }, /eid\.bankid: .*expected a \.p12 file/],
    [{ bankid: { ...BANKID, passphraseFile: 'wrong' } }, /eid\.bankid: .*\.p12 file.* and its passphrase/],
    [{ bankid: { ...BANKID, passphraseFile: 'empty' } }, /eid\.bankid\.passphraseFile .*the file is empty/],
    [{ bankid: { ...BANKID, passphraseEnv: 'X' } }, /passphraseFile or eid\.bankid\.passphraseEnv: both/],
    [{ bankid: { ...BANKID, serverCaFile: 'rp.p12' } }, /eid\.bankid\.serverCaFile .*certificates as PEM/],
    [{ bankid: { ...BANKID, serverCaFile: 'garbage.pem' } }, /serverCaFile .*one of them cannot be read/],
    [{ bankid: { ...BANKID, signatureRootsFile: 'garbage.pem' } }, /eid\.bankid\.signatureRootsFile/],
    [{ bankid: { ...BANKID, environment: 'prod' } }, /eid\.bankid\.environment .*"production", "test"/],
    [{ bankid: { ...BANKID, baseUrl: 'http://bankid.example' } }, /eid\.bankid\.baseUrl .*https:\/\//],
    [{ freja: { ...FREJA, passphraseEnv: undefined } }, /freja\.passphraseEnv: one of them must be set/],
    [
      { freja: { ...FREJA, passphraseEnv: 'hunter2' } },
      /freja\.passphraseEnv .*there is none or it is empty/,
    ],
    [{ freja: { ...FREJA, signingCertificatesFile: 'secret' } }, /eid\.freja\.signingCertificatesFile/],
    [{ oidc: [SITHS, 'x'] }, /eid\.oidc\[1\] must be an object/],
    [{ oidc: [SITHS, SITHS] }, /eid\.oidc\[1\]\.id must be another than that of eid\.oidc\[0\]/],
    [oidc({ profile: 'siths' }), /eid\.oidc\[1\]\.profile .*"SITHS", "BANKID_NORWAY", "FINLAND_FTN"/],
    [oidc({ id: 'SITHS' }), /eid\.oidc\[1\]\.id .*small letters/],
    [oidc({ id: 'bankid' }), /eid\.oidc\[1\]\.id .*another word/],
    [oidc({ issuer: 'idp.example' }), /eid\.oidc\[1\]\.issuer .*https:\/\//],
    [oidc({ issuer: 'http://idp.example' }), /eid\.oidc\[1\]\.issuer .*https:\/\//],
    [oidc({ clientId: ' ' }), /eid\.oidc\[1\]\.clientId must be a text/],
    [oidc({ clientAuthentication: undefined }), /eid\.oidc\[1\]\.clientAuthentication must be an object/],
    [oidc({ clientAuthentication: { method: 'none' } }), /clientAuthentication\.method .*"private_key_jwt"/],
    [oidc({ clientAuthentication: { ...BY_SECRET, keyFile: 'sign.jwk' } }), /"keyFile" in .* is not known/],
    [oidc({ clientAuthentication: { ...BY_SECRET, secret: 'hunter2' } }), /"secret" in .* is not known/],
    [oidc({ clientAuthentication: { ...BY_SECRET, secretFile: 'empty' } }), /secretFile .*is empty/],
    [keyed('secret'), /eid\.oidc\[1\]\.clientAuthentication\.keyFile .*no JSON/],
    [keyed('set.jwk'), /keyFile .*one private key as a JWK/],
    [keyed('public.jwk'), /keyFile .*the key is public/],
    [keyed('nameless.jwk'), /keyFile .*no "kid"/],
    [keyed('aimless.jwk'), /keyFile .*"alg" is not one for that, such as "RS256"/],
    [keyed('decrypt.jwk'), /keyFile .*"alg" is not one/],
    [keyed('short.jwk'), /keyFile .*too short/],
    [keyed('otherwise.jwk'), /keyFile .*cannot be read/],
    [oidc({ decryptionKeyFile: 'sign.jwk' }), /decryptionKeyFile .*"RSA-OAEP-256"/],
    [oidc({ requestKeyFile: 'decrypt.jwk' }), /requestKeyFile .*"alg" is not one/],
    [oidc({ serverCaFile: 'secret' }), /eid\.oidc\[1\]\.serverCaFile .*PEM/],
    [oidc({ label: { sv: 'SITHS' } }), /eid\.oidc\[1\]\.label\.en .*missing/],
    [oidc({ assurances: {} }), /eid\.oidc\[1\]\.assurances .*at least one/],
    [oidc({ assurances: { x: 'loa3' } }), /assurances\["x"\] .*"low", "substantial", "high"/],
    [oidc({ subject: { claim: 'sub', type: 'name' } }), /eid\.oidc\[1\]\.subject\.type .*"hsa-id"/],
    [oidc({ scopes: ['profile'] }), /eid\.oidc\[1\]\.scopes .*"openid"/],
    [oidc({ scopes: 'openid' }), /eid\.oidc\[1\]\.scopes .*list/],
    [oidc({ parameters: { state: 'x' } }), /eid\.oidc\[1\]\.parameters .*"state"/],
    [oidc({ parameters: { prompt: 1 } }), /eid\.oidc\[1\]\.parameters\["prompt"\] must be a text/],
  ];
  for (const [eid, message] of mistakes) {
    const said = mistake(folder, eid);
    t.match(said, message);
    t.match(said, /^ConfigError: CONFIG_FILE: /);
    t.notMatch(said, /hunter2/);
  }
});

t.test('production has no test e-ID; the service does not start', async (t) => {
  const folder = folderOf(t);
  const production = { ...ENV, NODE_ENV: 'production' };
  for (const [eid, message] of [
    [{ bankid: { ...BANKID, environment: 'test' } }, /eid\.bankid\.environment must be "production"/],
    [{ oidc: [{ ...SITHS, environment: 'test' }] }, /eid\.oidc\[0\]\.environment must be "production"/],
  ] as const) {
    t.match(mistake(folder, eid, production), message);
    t.match(mistake(folder, eid, production), /ALLOW_TEST_EID=on/, 'and how an acceptance test is made');
    t.match(mistake(folder, eid, { ...production, ALLOW_TEST_EID: 'off' }), message);
    t.match(mistake(folder, eid, { ...production, ALLOW_TEST_EID: '1' }), /ALLOW_TEST_EID is "1"/);
  }
  const allowed = make(
    folder,
    { bankid: { ...BANKID, environment: 'test' } },
    { ...production, ALLOW_TEST_EID: 'on' },
  );
  t.match(allowed, [{ id: 'bankid', isTest: true }], 'marked as what it is');
  await Promise.all(allowed.map((provider) => provider.close()));
  await Promise.all(make(folder, { bankid: BANKID }, production).map((provider) => provider.close()));
  writeFileSync(join(folder, 'service.json'), JSON.stringify({ eid: { bankid: {} } }));
  const webFolder = join(folder, 'web');
  mkdirSync(webFolder);
  writeFileSync(join(webFolder, 'index.html'), '<!doctype html><title>Sluss</title>');
  const config = readConfig({
    CONFIG_FILE: join(folder, 'service.json'),
    DATA_DIR: join(folder, 'data'),
    PORT: '0',
  });
  await t.rejects(startService({ config, webFolder, env: {}, log }), {
    name: 'ConfigError',
    message: /eid\.bankid\.certificateFile/,
  });
});

t.test('the example file makes what it names when its files are there', async (t) => {
  const path = new URL('../../examples/meeting/config.example.json', import.meta.url).pathname;
  const folder = t.testdir({});
  const contents: Record<string, string | Uint8Array> = {
    'rp.p12': FILES['rp.p12'],
    passphrase: P12_PASSPHRASE,
    'server-ca.pem': FILES['ca.pem'],
    'root-ca.pem': FILES['root.pem'],
    'jws.pem': FILES['freja-jws.pem'],
    'client.jwk': FILES['sign.jwk'],
    'decryption.jwk': FILES['decrypt.jwk'],
    secret: 'secret',
  };
  const text = readFileSync(path, 'utf8');
  for (const [, name] of text.matchAll(/File": "([^"]+)"/g)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    const own = name.startsWith('eid/freja/rp') ? FILES['freja.p12'] : contents[name.split('/').at(-1)!];
    writeFileSync(join(folder, name), own);
  }
  const file = parseServiceFile(JSON.parse(text), folder, ENV);
  const made = configuredProviders(file, Date.now, log);
  t.strictSame(
    made.map(({ id }) => id),
    ['bankid', 'freja', 'siths', 'finland', 'bankid-norway'],
  );
  await Promise.all(made.map((provider) => provider.close()));
});

import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readConfig } from '../../../examples/meeting/server/config.js';
import { loadSecret } from '../../../examples/meeting/server/secret.js';
import { configMistake } from '../config-mistake.js';

const PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://meet.example.se',
  SECRET: 'x'.repeat(40),
};

t.test('development needs nothing; production says what it needs', async (t) => {
  t.match(readConfig({}), { production: false, testEid: true, payment: 'off', trustedProxies: [] });
  t.match(readConfig(PRODUCTION), { production: true, testEid: false, publicUrl: 'https://meet.example.se' });
  for (const [change, name] of [
    [{ PUBLIC_URL: undefined }, 'PUBLIC_URL'],
    [{ PUBLIC_URL: 'http://meet.example.se' }, 'PUBLIC_URL'],
    [{ SECRET: undefined }, 'SECRET'],
    [{ SECRET: 'short' }, 'characters'],
    [{ TEST_EID: 'on' }, 'TEST_EID'],
    [{ PAYMENT: 'sandbox' }, 'PAYMENT'],
  ] as const) {
    t.throws(() => readConfig({ ...PRODUCTION, ...change }), {
      name: 'ConfigError',
      message: new RegExp(name),
    });
  }
});

t.test('each mistake is told by the name of the setting, without what may be secret', async (t) => {
  const folder = t.testdir({
    'bad.json': '{',
    'unknown.json': '{"servicename":"x"}',
    'operator.json': '{"operator":{"name":"Eva","email":"eva"}}',
    empty: '',
    'key.pem': 'no key',
  });
  for (const [env, message] of [
    [{ PUBLIC_URL: 'https://meet.example.se/path' }, /PUBLIC_URL.*host name/],
    [{ DATABASE_URL: 'mysql://user:hunter2@x/y' }, /^DATABASE_URL must be/],
    [{ SECRET: 'x'.repeat(40), SECRET_FILE: `${folder}/empty` }, /both SECRET and SECRET_FILE/],
    [{ SECRET_FILE: `${folder}/none` }, /SECRET_FILE.*cannot be read/],
    [{ SECRET_FILE: `${folder}/empty` }, /SECRET_FILE.*empty/],
    [{ TLS_KEY_FILE: 'x' }, /both TLS_KEY_FILE and TLS_CERT_FILE/],
    [{ TLS_KEY_FILE: `${folder}/key.pem`, TLS_CERT_FILE: `${folder}/key.pem` }, /no PEM file/],
    [{ TRUSTED_PROXIES: '10.0.0.0/8, proxy' }, /TRUSTED_PROXIES: "proxy"/],
    [{ TRUSTED_PROXIES: '10.0.0.0/33' }, /TRUSTED_PROXIES/],
    [{ TEST_EID: 'yes' }, /TEST_EID/],
    [{ SMTP_URL: 'http://user:hunter2@mail' }, /^SMTP_URL must be/],
    [{ SMTP_URL: 'smtp://mail.example' }, /MAIL_FROM/],
    [{ SMS_URL: 'https://sms.example', SMS_FROM: 'far too long a name' }, /SMS_FROM/],
    [{ SMS_URL: 'https://sms.example', SMS_FROM: 'Kommunen' }, /SMS_TOKEN/],
    [{ CONFIG_FILE: `${folder}/none.json` }, /CONFIG_FILE.*cannot be read/],
    [{ CONFIG_FILE: `${folder}/bad.json` }, /CONFIG_FILE.*no JSON/],
    [{ CONFIG_FILE: `${folder}/unknown.json` }, /"servicename" in the file is not known/],
    [{ CONFIG_FILE: `${folder}/operator.json` }, /operator.email/],
  ] as [NodeJS.ProcessEnv, RegExp][]) {
    const { name, message: said } = configMistake(env);
    t.equal(name, 'ConfigError');
    t.match(said, message);
    t.notMatch(said, /hunter2/);
  }
});

t.test('the example of the file is one', async (t) => {
  const path = new URL('../../../examples/meeting/config.example.json', import.meta.url).pathname;
  const { file } = readConfig({ CONFIG_FILE: path });
  t.match(file, { serviceName: /./, operator: { email: /@/ }, eid: {} });
});

t.test('the secret: as given, or made once and readable by nobody else', async (t) => {
  const folder = t.testdir();
  mkdirSync(join(folder, 'x'));
  const dataDir = join(folder, 'x', 'data');
  const made = loadSecret({ secret: undefined, production: false, dataDir });
  t.ok(made.length >= 32);
  t.equal(statSync(join(dataDir, 'secret')).mode & 0o777, 0o600);
  t.strictSame(loadSecret({ secret: undefined, production: false, dataDir }), made);
  t.equal(readFileSync(join(dataDir, 'secret'), 'utf8').trim(), Buffer.from(made).toString());
  t.equal(Buffer.from(loadSecret({ secret: 'given', production: true, dataDir })).toString(), 'given');
  t.throws(() => loadSecret({ secret: undefined, production: true, dataDir }), { name: 'ConfigError' });
});

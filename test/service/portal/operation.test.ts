/** What those who run the service do, and what an empty database begins with. */
import t, { type Test } from 'tap';
import { ConfigError } from '../../../examples/meeting/server/config-error.js';
import { DEFAULT_SERVICE_FILE } from '../../../examples/meeting/server/config-file.js';
import { Identities } from '../../../examples/meeting/server/identities.js';
import {
  DEMO_PERSON,
  firstOperator,
  prepareFirstStart,
  type FirstStartOptions,
} from '../../../examples/meeting/server/portal/first-start.js';
import { openStore } from '../../../examples/meeting/server/store/store.js';
import { anOrganiser } from '../store/fixtures.js';
import { temporaryFolder } from '../store/temporary-folder.js';
import { aTown, SECRET, START, startPortal } from './portal-harness.js';

t.test('an organisation is registered with its first administrator, who does the rest', async (t) => {
  const { store, signIn } = await startPortal(t);
  const operator = anOrganiser(null, { roles: ['operator'] });
  await store.organisers.insert(operator);
  const client = await signIn(operator);
  const registration = {
    name: 'Exempelkommunen',
    roomPackage: { 5: 6, 25: 2, 50: 0, 100: 0 },
    support: { name: 'Växeln', phone: '0500-10 00', email: 'stod@example.org', hours: '8–16' },
    administrator: { name: 'Cilla', email: 'cilla@example.org', roles: ['operator'] },
  };
  const { status, body } = await client('POST', '/api/operator/organisations', registration);
  t.equal(status, 201);
  t.match(body, { name: 'Exempelkommunen', administrators: ['Cilla'], active: true });
  t.strictSame(body.roomPackage, registration.roomPackage);
  const first = await store.organisers.findByEmail('cilla@example.org');
  t.strictSame(first?.roles, ['administrator'], 'nobody becomes operator that way');
  if (first === null) return;
  const administrator = await signIn(first);
  t.match((await administrator('GET', '/api/admin/organisation')).body, {
    name: 'Exempelkommunen',
    providers: ['test'],
  });
  t.equal(
    (await client('POST', '/api/operator/organisations', registration)).status,
    409,
    'the login is taken',
  );

  const path = `/api/operator/organisations/${body.id}`;
  t.equal((await client('PATCH', path, { name: 'Nya', active: false })).body.name, 'Nya');
  t.equal((await administrator('GET', '/api/admin/organisation')).status, 403);
  t.equal((await client('PATCH', '/api/operator/organisations/none', {})).status, 404);
  t.equal((await client('GET', '/api/operator/organisations')).body.organisations.length, 1);
  const [own, theirs] = await Promise.all(
    [null, body.id].map((organisationId) => store.audit.list({ organisationId })),
  );
  for (const log of [own, theirs])
    t.strictSame(
      log.map(({ action }) => action),
      ['organisation.registered', 'organisation.changed'],
    );
});

t.test('a package does not shrink below what is in use', async (t) => {
  const { store, signIn } = await startPortal(t);
  const town = await aTown(store);
  const operator = anOrganiser(null, { roles: ['operator'] });
  await store.organisers.insert(operator);
  const client = await signIn(operator);
  const path = `/api/operator/organisations/${town.organisation.id}`;
  const small = { roomPackage: { 5: 1, 25: 0, 50: 0, 100: 0 } };
  t.equal((await client('PATCH', path, small)).body.error.field, 'roomPackage.5');
  t.equal((await client('PATCH', path, { roomPackage: { 5: 2, 25: 9, 50: 0, 100: 1 } })).status, 200);
});

async function emptyStore(t: Test, change: Partial<FirstStartOptions> = {}): Promise<FirstStartOptions> {
  const store = await openStore({ dataDir: temporaryFolder(t) });
  t.teardown(() => store.close());
  return {
    store,
    identities: new Identities(SECRET),
    now: START,
    production: false,
    providers: ['test'],
    operator: null,
    canSendMail: true,
    ...change,
  };
}

t.test('in development there is a whole organisation', async (t) => {
  const options = await emptyStore(t);
  t.equal(await prepareFirstStart(options), 'seeded');
  t.equal(await prepareFirstStart(options), 'ready', 'once');
  const { store, identities } = options;
  const [organisation, ...others] = await store.organisations.list();
  t.match([organisation.name, others.length], ['Demokommunen', 0]);
  const person = await store.organisers.findBySubject(
    identities.hash('personal-number-se', DEMO_PERSON.personalNumber),
  );
  t.match(person, { name: 'Anna Andersson', roles: ['organiser', 'administrator', 'operator'] });
  const rooms = await store.rooms.list({ organisationId: organisation.id });
  t.strictSame(
    rooms.map(({ capacity }) => capacity).sort((a, b) => a - b),
    [5, 25],
  );
  t.equal((await store.meetingTypes.list(organisation.id)).length, 2);
});

t.test('in production nothing is made up: an operator, or a clear error', async (t) => {
  const operator = { name: 'Ola', email: 'ola@example.org', personalNumber: null, hsaId: null };
  const nobody = await emptyStore(t, { production: true });
  const told = async (options: FirstStartOptions): Promise<string> => {
    try {
      return await prepareFirstStart(options);
    } catch (error) {
      return error instanceof ConfigError ? error.message : 'another error';
    }
  };
  t.match(await told(nobody), /^SETUP_OPERATOR_EMAIL is missing/);
  t.match(await told({ ...nobody, operator, canSendMail: false }), /^SMTP_URL is missing/);
  t.equal(await nobody.store.organisers.isEmpty(), true);
  t.equal(await prepareFirstStart({ ...nobody, operator }), 'operator');
  t.match(await nobody.store.organisers.findByEmail('ola@example.org'), {
    organisationId: null,
    roles: ['operator'],
  });
  t.equal(await prepareFirstStart(nobody), 'ready', 'then the setting is not needed any more');
  t.strictSame(await nobody.store.organisations.list(), []);
});

t.test('who the first operator is', async (t) => {
  t.equal(firstOperator(DEFAULT_SERVICE_FILE, {}), null);
  t.match(firstOperator(DEFAULT_SERVICE_FILE, { SETUP_OPERATOR_EMAIL: ' Ola@Example.org ' }), {
    name: 'ola',
    email: 'ola@example.org',
  });
  t.throws(() => firstOperator(DEFAULT_SERVICE_FILE, { SETUP_OPERATOR_EMAIL: 'ola' }), ConfigError);
  const operator = { name: 'Eva', email: 'eva@example.org', personalNumber: null, hsaId: null };
  t.equal(firstOperator({ ...DEFAULT_SERVICE_FILE, operator }, { SETUP_OPERATOR_EMAIL: 'x' }), operator);
});

t.test('without a mail server in development, mails can be read', async (t) => {
  const { ways, anonymous } = await startPortal(t);
  await ways.mailer?.send({
    id: '1',
    to: 'kim@example.org',
    subject: 'Hej <b>',
    text: 'Se http://127.0.0.1/i/abc?x=1&y=2',
    html: '',
  });
  const { status, text } = await anonymous('GET', '/dev/mail');
  t.equal(status, 200);
  t.match(text, 'Hej &lt;b&gt;');
  t.match(text, '<a href="http://127.0.0.1/i/abc?x=1&amp;y=2">');
  const production = await startPortal(t, { production: true });
  t.equal((await production.anonymous('GET', '/dev/mail')).status, 404);
  t.equal(production.ways.mailer, null);
});

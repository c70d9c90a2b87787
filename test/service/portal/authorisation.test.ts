/** Every route, asked by every kind of person: nobody gets further than their role. */
import t from 'tap';
import { anOrganiser } from '../store/fixtures.js';
import { anIdentity, aTown, startPortal, type Client } from './portal-harness.js';
import { aBooking } from './requests.js';

type Kind =
  'anonymous' | 'citizen' | 'organiser' | 'administrator' | 'operator' | 'api key' | 'former organiser';

const UNKNOWN: Kind[] = ['anonymous', 'api key', 'former organiser'];

/** Who may use what lies under a path. */
const ALLOWED: [prefix: string, who: Kind][] = [
  ['/api/portal/', 'organiser'],
  ['/api/admin/', 'administrator'],
  ['/api/operator/', 'operator'],
  ['/api/v1/', 'api key'],
];

t.test('every route x every role', async (t) => {
  const harness = await startPortal(t, { payment: 'sandbox', unlimited: true });
  const { store, portal, signIn, signInAs, anonymous } = harness;
  const town = await aTown(store);
  const operator = anOrganiser(null, { roles: ['operator'] });
  const former = anOrganiser(town.organisation.id, { roles: ['organiser', 'administrator', 'operator'] });
  await store.organisers.insert(operator);
  await store.organisers.insert(former);
  const administrator = await signIn(town.administrator);
  const { body } = await administrator('POST', '/api/admin/api-keys', { name: 'Bokning' });
  const withKey: Client = (method, path, content) =>
    anonymous(method, path, content, { Authorization: `Bearer ${body.key}` });
  const clients: Record<Kind, Client> = {
    anonymous,
    citizen: await signInAs(anIdentity()),
    organiser: await signIn(town.organiser),
    administrator,
    operator: await signIn(operator),
    'api key': withKey,
    'former organiser': await signIn(former),
  };
  await store.organisers.update(former.id, { active: false });

  let checked = 0;
  for (const { method, pattern } of portal.routes) {
    const allowed = ALLOWED.find(([prefix]) => pattern.startsWith(prefix))?.[1];
    if (allowed === undefined) {
      t.match(
        pattern,
        /^\/(api\/meetings\/:id\/me\/payment|api\/payments\/:provider\/notice|pay\/sandbox\/|dev\/mail)/,
        'routes with checks of their own, tested with the payments',
      );
      continue;
    }
    const path = pattern.replaceAll(/:\w+/g, 'unknown');
    for (const [kind, client] of Object.entries(clients) as [Kind, Client][]) {
      const { status, body } = await client(
        method,
        path,
        method === 'GET' || method === 'DELETE' ? undefined : {},
      );
      const label = `${method} ${pattern} by ${kind}: ${status}`;
      checked++;
      if (kind === allowed) {
        t.ok([200, 201, 204, 400, 404].includes(status), label);
      } else {
        // No session, or one that ended with the role; and a session is no key.
        const unknown = UNKNOWN.includes(kind) || pattern.startsWith('/api/v1/');
        t.equal(status, unknown ? 401 : 403, label);
        t.equal(body.error.code, unknown ? 'not-signed-in' : 'forbidden', label);
      }
    }
  }
  t.ok(checked > 150, `${checked} pairs`);
});

t.test('requests of another site change nothing', async (t) => {
  const { store, portal, signIn } = await startPortal(t);
  const town = await aTown(store);
  const organiser = await signIn(town.organiser);
  for (const { method, pattern, withoutCookies } of portal.routes) {
    if (method === 'GET' || withoutCookies === true) continue;
    const path = pattern.replaceAll(/:\w+/g, 'unknown');
    const { status, body } = await organiser(method, path, {}, { Origin: 'https://evil.example' });
    t.strictSame([status, body.error.code], [403, 'bad-origin'], `${method} ${pattern}`);
  }
});

t.test('a meeting is its organiser’s alone', async (t) => {
  const { store, signIn } = await startPortal(t);
  const town = await aTown(store);
  const other = await aTown(store);
  const organiser = await signIn(town.organiser);
  const request = aBooking({ roomId: town.room.id, meetingTypeId: town.type.id });
  const booked = await organiser('POST', '/api/portal/meetings', request);
  t.equal(booked.status, 201);
  const [meeting] = booked.body.meetings;
  const path = `/api/portal/meetings/${meeting.id}`;
  for (const person of [town.colleague, other.organiser]) {
    const client = await signIn(person);
    const { body } = await client('GET', '/api/portal/meetings');
    t.strictSame(body.meetings, []);
    const tries: [string, string, unknown?][] = [
      ['GET', path],
      ['PATCH', path, { title: 'Min nu' }],
      ['DELETE', path],
      ['POST', `${path}/invitations/${meeting.invitations[0].id}/resend`],
    ];
    for (const [method, where, content] of tries)
      t.equal(
        (await client(method, where, content)).status,
        404,
        `${method} is as for a meeting that is not there`,
      );
    const inRoom = await client('POST', '/api/portal/meetings', {
      ...request,
      startsAt: '2027-04-22T08:00:00Z',
    });
    t.equal(inRoom.body.error.field, 'roomId', 'nor is the room theirs');
  }
  const own = await signIn(other.organiser);
  const foreignType = await own('POST', '/api/portal/meetings', { ...request, roomId: other.room.id });
  t.equal(foreignType.body.error.field, 'meetingTypeId', 'another organisation’s approval is none');
});

t.test('an administrator reaches into their own organisation only', async (t) => {
  const { store, signIn } = await startPortal(t);
  const town = await aTown(store);
  const other = await aTown(store);
  const administrator = await signIn(other.administrator);
  const { body: keys } = await (
    await signIn(town.administrator)
  )('POST', '/api/admin/api-keys', { name: 'x' });
  const tries: [string, string, unknown?][] = [
    ['DELETE', `/api/admin/organisers/${town.organiser.id}`],
    ['DELETE', `/api/admin/rooms/${town.room.id}`],
    ['DELETE', `/api/admin/meeting-types/${town.type.id}`],
    ['PUT', `/api/admin/meeting-types/${town.type.id}`, { ...town.type, name: 'Allt' }],
    ['DELETE', `/api/admin/api-keys/${keys.id}`],
  ];
  for (const [method, path, content] of tries)
    t.equal((await administrator(method, path, content)).status, 404, `${method} ${path}`);
  const room = { organiserId: town.organiser.id, name: 'Mitt', capacity: 5 };
  t.equal((await administrator('POST', '/api/admin/rooms', room)).body.error.field, 'organiserId');
  const { body: audit } = await administrator('GET', '/api/admin/audit');
  t.strictSame(audit.entries, [], 'the log of the other organisation is not shown');
  const raised = { name: 'Eva', email: 'eva@example.org', roles: ['operator'] };
  t.equal((await administrator('POST', '/api/admin/organisers', raised)).body.error.field, 'roles');
});

t.test('an organisation that is turned off can do nothing', async (t) => {
  const { store, signIn, anonymous } = await startPortal(t);
  const town = await aTown(store);
  const administrator = await signIn(town.administrator);
  const organiser = await signIn(town.organiser);
  const { body } = await administrator('POST', '/api/admin/api-keys', { name: 'x' });
  await store.organisations.update(town.organisation.id, { active: false });
  t.equal((await administrator('GET', '/api/admin/organisation')).status, 403);
  t.equal((await organiser('GET', '/api/portal/overview')).status, 403);
  const key = { Authorization: `Bearer ${body.key}` };
  t.equal((await anonymous('GET', '/api/v1/meetings', undefined, key)).status, 403);
});

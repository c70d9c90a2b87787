/** What an administrator does, over HTTP. */
import t from 'tap';
import { MailServer } from '../notify/mail-server.js';
import { aTown, startPortal } from './portal-harness.js';
import { aBooking, aGuest } from './requests.js';

t.test('support contact, e-IDs, retention', async (t) => {
  const { store, signIn } = await startPortal(t);
  const town = await aTown(store);
  const administrator = await signIn(town.administrator);
  const { body: before } = await administrator('GET', '/api/admin/organisation');
  t.match(before, { name: 'Demokommunen', providers: ['test'], availableProviders: [{ id: 'test' }] });
  const settings = {
    support: { name: 'Växeln', phone: '011-15 00 00', email: '', hours: '8–16' },
    providers: ['test', 'test'],
    retention: { meetings: 30, audit: 365 },
    keepEvidence: true,
  };
  const { body: after } = await administrator('PUT', '/api/admin/organisation', {
    ...settings,
    name: 'Annat',
  });
  t.match(
    after,
    { ...settings, providers: ['test'], name: 'Demokommunen' },
    'the name is for those who run it',
  );
  const wrong: [string, object][] = [
    ['providers', { providers: ['bankid'] }],
    ['providers', { providers: [] }],
    ['retention.audit', { retention: { meetings: 30, audit: 1 } }],
    ['support.email', { support: { ...settings.support, email: 'x' } }],
  ];
  for (const [field, change] of wrong) {
    const { body } = await administrator('PUT', '/api/admin/organisation', { ...settings, ...change });
    t.equal(body.error.field, field);
  }
});

t.test('organisers: added, with numbers as hashes only, and removed', async (t) => {
  const mails = await MailServer.start(t);
  const { store, context, signIn, log } = await startPortal(t, {
    smtp: { url: mails.url, from: 'm@example.org' },
  });
  const town = await aTown(store);
  const administrator = await signIn(town.administrator);
  const person = {
    name: 'Dag Dahl',
    email: 'Dag@Example.org',
    personalNumber: '19800101-2387',
    hsaId: 'se2321000016-a12b',
    roles: ['organiser', 'organiser'],
  };
  const added = await administrator('POST', '/api/admin/organisers', person);
  t.equal(added.status, 201);
  t.match(added.body, {
    name: 'Dag Dahl',
    email: 'dag@example.org',
    roles: ['organiser'],
    rooms: [],
    active: true,
  });
  t.notMatch(added.text + log.join(''), /80010123|A12B/i);
  const hash = context.identities.hash('personal-number-se', '198001012387');
  t.equal((await store.organisers.findBySubject(hash))?.id, added.body.id);
  const again = await administrator('POST', '/api/admin/organisers', { ...person, email: 'x@example.org' });
  t.strictSame([again.status, again.body.error.field], [409, 'email'], 'a login is one person’s');

  const organiser = await signIn(town.organiser);
  const request = aBooking({ roomId: town.room.id, meetingTypeId: town.type.id });
  const hosted = aBooking({
    ...request,
    startsAt: '2027-03-24T08:00:00Z',
    invitees: [aGuest({ role: 'host', via: 'link' })],
  });
  const { body: alone } = await organiser('POST', '/api/portal/meetings', request);
  const { body: shared } = await organiser('POST', '/api/portal/meetings', hosted);
  await mails.received(1);
  const removed = await administrator('DELETE', `/api/admin/organisers/${town.organiser.id}`);
  t.strictSame([removed.status, removed.body], [200, { cancelledMeetings: 1 }]);
  t.equal((await organiser('GET', '/api/portal/overview')).status, 401, 'their session has ended');
  t.match((await mails.received(2))[1].mail.subject, /avbokat/);
  t.equal((await store.meetings.get(alone.meetings[0].id))?.status, 'cancelled');
  t.equal((await store.meetings.get(shared.meetings[0].id))?.status, 'planned', 'somebody else can host it');
  t.equal((await store.rooms.get(town.room.id))?.active, false, 'the room is free for somebody');
  const { body } = await administrator('GET', '/api/admin/organisers');
  t.strictSame(body.organisers.map(({ name }) => name).sort(), ['Bo Berg', 'Cilla Ceder', 'Dag Dahl']);
  t.equal(
    (await administrator('DELETE', `/api/admin/organisers/${town.administrator.id}`)).status,
    409,
    'not oneself',
  );
});

t.test('rooms within the package', async (t) => {
  const { store, signIn } = await startPortal(t);
  const town = await aTown(store);
  const administrator = await signIn(town.administrator);
  const room = { organiserId: town.organiser.id, name: 'Ett till', capacity: 5 };
  const third = await administrator('POST', '/api/admin/rooms', room);
  t.match(third.body, { name: 'Ett till', capacity: 5 });
  t.equal(
    (await administrator('POST', '/api/admin/rooms', room)).body.error.field,
    'capacity',
    'three are all',
  );
  t.equal((await administrator('POST', '/api/admin/rooms', { ...room, capacity: 25 })).status, 409);
  t.equal((await administrator('POST', '/api/admin/rooms', { ...room, capacity: 7 })).status, 400);
  const organiser = await signIn(town.organiser);
  await organiser(
    'POST',
    '/api/portal/meetings',
    aBooking({ roomId: third.body.id, meetingTypeId: town.type.id, invitees: [] }),
  );
  t.equal((await administrator('DELETE', `/api/admin/rooms/${third.body.id}`)).status, 409, 'it is booked');
  t.equal((await administrator('DELETE', `/api/admin/rooms/${town.room.id}`)).status, 204);
  t.equal((await administrator('DELETE', `/api/admin/rooms/${town.room.id}`)).status, 404);
  t.equal((await administrator('POST', '/api/admin/rooms', room)).status, 201, 'one was given up');
});

t.test('meeting types are approvals', async (t) => {
  const { store, signIn } = await startPortal(t);
  const town = await aTown(store);
  const administrator = await signIn(town.administrator);
  const type = {
    name: 'Rådgivning',
    approvedClass: { confidentiality: 1, integrity: 2, availability: 1 },
    minimumAssurance: 'low',
    endToEndEncryption: 'off',
  };
  const { body: added } = await administrator('POST', '/api/admin/meeting-types', type);
  t.match(added, type);
  const { status, body: refused } = await administrator('POST', '/api/admin/meeting-types', {
    ...type,
    endToEndEncryption: 'preferred',
  });
  t.equal(status, 400);
  t.match(refused.error, { code: 'bad-request', message: { en: /endToEndEncryption.*off, required/ } });
  const higher = { ...type, minimumAssurance: 'high' };
  t.match((await administrator('PUT', `/api/admin/meeting-types/${added.id}`, higher)).body, higher);
  t.equal((await administrator('GET', '/api/admin/meeting-types')).body.meetingTypes.length, 2);
  t.equal((await administrator('DELETE', `/api/admin/meeting-types/${added.id}`)).status, 204);
  t.equal((await administrator('GET', '/api/admin/meeting-types')).body.meetingTypes.length, 1);
  const { body: audit } = await administrator('GET', '/api/admin/audit');
  t.strictSame(
    audit.entries.map(({ action }) => action),
    ['meeting-type.approved', 'meeting-type.approved', 'meeting-type.withdrawn'],
  );
});

t.test('the audit log: seen, verified, exported; without anybody’s number', async (t) => {
  const { store, signIn } = await startPortal(t);
  const town = await aTown(store);
  const organiser = await signIn(town.organiser);
  const administrator = await signIn(town.administrator);
  const { body } = await organiser(
    'POST',
    '/api/portal/meetings',
    aBooking({ roomId: town.room.id, meetingTypeId: town.type.id, invitees: [aGuest({ via: 'link' })] }),
  );
  const meetingId = body.meetings[0].id;
  await administrator('POST', '/api/admin/api-keys', { name: 'Bokning' });
  const { body: all } = await administrator('GET', '/api/admin/audit');
  t.equal(all.intact, true);
  t.strictSame(
    all.entries.map(({ action }) => action),
    ['meeting.booked', 'api-key.added'],
  );
  const { body: one } = await administrator('GET', `/api/admin/audit?meeting=${meetingId}`);
  t.equal(one.entries.length, 1);
  const { body: none } = await administrator('GET', '/api/admin/audit?to=2027-02-01T00:00:00Z');
  t.equal(none.entries.length, 0);

  const exported = await administrator('GET', '/api/admin/audit/export');
  t.match(exported.headers.get('content-type'), 'application/x-ndjson');
  t.match(exported.headers.get('content-disposition'), 'audit.ndjson');
  const lines = exported.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { action?: string });
  t.ok(
    lines.some(({ action }) => action === 'audit.exported'),
    'that a copy was taken stands in it',
  );
  t.notMatch(exported.text, /Kim|Anna|example\.org/);
  const archive = await administrator('GET', '/api/admin/archive/export');
  const rows = archive.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type?: string });
  t.equal(rows[rows.length - 1].type, 'end');
});

t.test('a person is erased, and the log does not say who', async (t) => {
  const { store, signIn, context } = await startPortal(t);
  const town = await aTown(store);
  const organiser = await signIn(town.organiser);
  const administrator = await signIn(town.administrator);
  const { body } = await organiser(
    'POST',
    '/api/portal/meetings',
    aBooking({
      roomId: town.room.id,
      meetingTypeId: town.type.id,
      invitees: [aGuest({ personalNumber: '198001012387', via: 'link' })],
    }),
  );
  const erased = await administrator('POST', '/api/admin/erase', { personalNumber: '19800101-2387' });
  t.equal(erased.status, 200);
  t.ok(erased.body.erased >= 1);
  const [invitation] = await store.invitations.list([body.meetings[0].id]);
  t.not(invitation.name, 'Kim Karlsson');
  t.equal(invitation.subjectHash, null);
  const entries = await store.audit.list({ organisationId: town.organisation.id });
  const last = entries[entries.length - 1];
  t.equal(last.action, 'person.erased');
  t.notMatch(JSON.stringify(last), context.identities.hash('personal-number-se', '198001012387'));
  t.equal(
    (await administrator('POST', '/api/admin/erase', { personalNumber: '1' })).body.error.field,
    'personalNumber',
  );
});

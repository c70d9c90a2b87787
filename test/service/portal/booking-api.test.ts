/** API keys and what booking systems do with them. */
import t from 'tap';
import { MailServer } from '../notify/mail-server.js';
import { aTown, startPortal, type Client } from './portal-harness.js';
import { aBooking } from './requests.js';

function withKey(anonymous: Client, key: string): Client {
  return (method, path, body) => anonymous(method, path, body, { Authorization: `Bearer ${key}` });
}

t.test('a booking system does what the organiser could', async (t) => {
  const mails = await MailServer.start(t);
  const { store, signIn, anonymous, clock } = await startPortal(t, {
    smtp: { url: mails.url, from: 'm@example.org' },
  });
  const town = await aTown(store);
  const administrator = await signIn(town.administrator);
  const { body: key } = await administrator('POST', '/api/admin/api-keys', { name: 'Verksamhetssystem' });
  t.match(key.key, /^sluss_[\w-]{43}$/);
  const system = withKey(anonymous, key.key);
  const request = {
    ...aBooking({ roomId: town.room.id, meetingTypeId: town.type.id }),
    organiserEmail: town.organiser.email.toUpperCase(),
  };
  const booked = await system('POST', '/api/v1/meetings', request);
  t.equal(booked.status, 201);
  const [meeting] = booked.body.meetings;
  t.equal(meeting.organiser, 'Anna Åkesson');
  t.match(meeting.invitations[0].link, '/i/', 'it may send the link its own way');
  await mails.received(1);
  const path = `/api/v1/meetings/${meeting.id}`;
  t.equal((await system('GET', path)).body.title, meeting.title);
  t.equal((await system('GET', '/api/v1/meetings')).body.meetings.length, 1);
  t.equal((await system('PATCH', path, { durationMinutes: 60 })).body.durationMinutes, 60);
  await mails.received(2);
  t.equal((await system('DELETE', path)).body.meetings[0].status, 'cancelled');
  t.match(
    (await mails.received(3)).map(({ mail }) => mail.subject),
    [/Inbjudan/, /Ny tid/, /avbokat/],
  );

  const audit = await store.audit.list({ organisationId: town.organisation.id, meetingId: meeting.id });
  t.ok(audit.every(({ actor }) => actor === `api-key:${key.id}`));
  clock.now += 1;
  const { body: keys } = await administrator('GET', '/api/admin/api-keys');
  t.match(keys.keys, [{ name: 'Verksamhetssystem', lastUsedAt: '2027-03-01T08:00:00.000Z' }]);
  t.notMatch(JSON.stringify(keys) + JSON.stringify(await store.apiKeys.list(town.organisation.id)), key.key);

  const [list] = [
    await system('POST', '/api/v1/meetings', { ...request, organiserEmail: 'nobody@example.org' }),
  ];
  t.equal(list.body.error.field, 'organiserEmail');
  t.equal(
    (await system('POST', '/api/v1/meetings', { ...request, organiserEmail: town.administrator.email })).body
      .error.field,
    'organiserEmail',
    'an administrator holds no meetings',
  );
  t.equal((await administrator('DELETE', `/api/admin/api-keys/${key.id}`)).status, 204);
  t.equal((await system('GET', '/api/v1/meetings')).status, 401, 'gone at once');
});

t.test('a key is its organisation’s', async (t) => {
  const { store, signIn, anonymous } = await startPortal(t);
  const town = await aTown(store);
  const other = await aTown(store);
  const { body } = await (
    await signIn(town.organiser)
  )('POST', '/api/portal/meetings', aBooking({ roomId: town.room.id, meetingTypeId: town.type.id }));
  const { body: key } = await (
    await signIn(other.administrator)
  )('POST', '/api/admin/api-keys', { name: 'x' });
  const system = withKey(anonymous, key.key);
  const path = `/api/v1/meetings/${body.meetings[0].id}`;
  t.strictSame((await system('GET', '/api/v1/meetings')).body.meetings, []);
  t.equal((await system('GET', path)).status, 404);
  t.equal((await system('PATCH', path, { title: 'x' })).status, 404);
  t.equal((await system('DELETE', path)).status, 404);
  const request = { ...aBooking(), organiserEmail: town.organiser.email };
  t.equal((await system('POST', '/api/v1/meetings', request)).body.error.field, 'organiserEmail');
});

t.test('wrong keys are counted, right ones have a pace', async (t) => {
  const { store, signIn, anonymous } = await startPortal(t);
  const town = await aTown(store);
  const organiser = await signIn(town.organiser);
  t.equal((await organiser('GET', '/api/v1/meetings')).status, 401, 'a cookie is no key');
  const { body: key } = await (
    await signIn(town.administrator)
  )('POST', '/api/admin/api-keys', { name: 'x' });
  const statuses: number[] = [];
  for (let i = 0; i < 140; i++)
    statuses.push((await withKey(anonymous, key.key)('GET', '/api/v1/meetings')).status);
  t.equal(statuses[0], 200);
  t.ok(statuses.includes(429), 'a system that runs wild is slowed down');
  const wrong: number[] = [];
  for (let i = 0; i < 12; i++)
    wrong.push((await withKey(anonymous, `sluss_${'x'.repeat(43)}`)('GET', '/api/v1/meetings')).status);
  t.equal(wrong[0], 401);
  t.equal(wrong[11], 429);
  t.not(
    (await withKey(anonymous, key.key)('GET', '/api/v1/meetings/none')).status,
    401,
    'a right one is still known',
  );
});

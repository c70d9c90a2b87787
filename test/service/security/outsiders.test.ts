/** What somebody learns or may do who was not meant, or who no longer belongs there. */
import t from 'tap';
import type {
  InvitationView,
  LobbyView,
  OrganiserView,
  ParticipantView,
} from '../../../examples/meeting/shared/api.js';
import { IDLE_TIMEOUT_MS } from '../../../examples/meeting/server/sessions.js';
import type { EidProvider } from '#src/gateway/eid/eid-provider.js';
import { TestEid } from '#src/gateway/eid/test-eid.js';
import { CloseCode } from '#src/signalling/protocol.js';
import { until } from '../../support/until.js';
import {
  BO,
  begin,
  book,
  type Browser,
  invitationTo,
  MINUTE,
  newFolder,
  organiser,
  START,
  startTestService,
  tokenOf,
} from '../meetings/test-service.js';

const CECILIA = { name: 'Cecilia Ek', personalNumber: '190001019876' };
const ABOUT = { title: 'Uppföljning av insats', message: 'Ta med beslutet om bistånd.' };

/** Bo becomes an organiser of the same organisation. */
async function addColleague(anna: Browser): Promise<OrganiserView> {
  return anna.expect('POST', '/api/admin/organisers', {
    name: 'Bo Berg',
    email: 'bo.berg@demokommunen.example',
    personalNumber: BO.personalNumber,
    hsaId: null,
    roles: ['organiser'],
  });
}

t.test('a link tells who invites and when, and what it is about only to whom it is for', async (t) => {
  const service = await startTestService(t);
  const anna = await organiser(service);
  const meeting = await book(anna, [{ name: 'Bo', personalNumber: BO.personalNumber }], ABOUT);
  const token = tokenOf(invitationTo(meeting, 'Bo'));
  const telling = /insats|bistånd/;

  const stranger = service.browser();
  const seen = await stranger.expect<InvitationView>('GET', `/api/invitations/${token}`);
  t.match(seen, { organisation: 'Demokommunen', startsAt: meeting.startsAt, support: { phone: /\d/ } });
  t.notMatch(JSON.stringify(seen), telling);
  await stranger.signIn(CECILIA, { invitation: token });
  for (const [method, path] of [
    ['GET', `/api/invitations/${token}`],
    ['POST', `/api/invitations/${token}/claim`],
    ['GET', `/api/meetings/${meeting.id}/me`],
  ]) {
    t.notMatch(
      JSON.stringify((await stranger.send(method, path, method === 'GET' ? undefined : {})).body),
      telling,
    );
  }

  const bo = service.browser();
  await bo.signIn(BO, { invitation: token });
  t.match(await bo.expect('POST', `/api/invitations/${token}/claim`, {}), ABOUT);
});

t.test('an invitation to be host that names nobody: for organisers of the organisation only', async (t) => {
  const service = await startTestService(t);
  const anna = await organiser(service);
  const meeting = await book(anna, [{ name: 'Medvärd', role: 'host' }]);
  const token = tokenOf(invitationTo(meeting, 'Medvärd'));

  const stranger = service.browser();
  await stranger.signIn(CECILIA, { invitation: token });
  t.equal(await stranger.refused('POST', `/api/invitations/${token}/claim`, {}), '403 identity-mismatch');
  t.equal(await stranger.refused('GET', `/api/meetings/${meeting.id}/me`), '403 forbidden');

  await addColleague(anna);
  const colleague = service.browser();
  t.match(await colleague.arrive(invitationTo(meeting, 'Medvärd'), BO), { role: 'host', state: 'admitted' });

  const named = await book(
    anna,
    [{ name: 'Cecilia', role: 'host', personalNumber: CECILIA.personalNumber }],
    later(40 + 60),
  );
  service.clock.now += 60 * MINUTE;
  const cecilia = await service.browser().arrive(invitationTo(named, 'Cecilia'), CECILIA);
  t.match(cecilia, { role: 'host', state: 'admitted' }, 'or for the person whom it names');
});

t.test('who is no organiser any more is out of their meeting at once', async (t) => {
  const service = await startTestService(t);
  const anna = await organiser(service);
  const { id: organiserId } = await addColleague(anna);
  await anna.expect('POST', '/api/admin/rooms', { organiserId, name: 'Bos rum', capacity: 5 });
  const bo = service.browser();
  await bo.signIn(BO);
  const meeting = await book(bo, [{ name: 'Gäst' }]);
  const { client } = await begin(t, service, bo, meeting.id);
  const events = await bo.events(meeting.id);
  t.ok(await events.next<LobbyView>('lobby'));

  await anna.expect('DELETE', `/api/admin/organisers/${organiserId}`);
  t.match(await client.closed, { code: CloseCode.Removed });
  t.equal(await events.next('end of the stream'), null, 'and sees who waits no more');
  t.equal(service.service.gateway.peerCount, 0);
});

t.test('a page that is left open shows nothing more when its session has run out', async (t) => {
  const service = await startTestService(t);
  const anna = await organiser(service);
  const meeting = await book(anna, [{ name: 'Gäst' }]);
  t.match(await anna.expect('GET', `/api/meetings/${meeting.id}/me`), { role: 'host', state: 'identified' });
  const events = await anna.events(meeting.id);
  t.ok(await events.next<LobbyView>('lobby'), 'a host sees who comes');
  service.clock.now += IDLE_TIMEOUT_MS;
  await service.service.tick();
  t.equal(await events.next('end of the stream'), null);
});

t.test('an organisation that is out of use begins no meeting', async (t) => {
  const service = await startTestService(t);
  const anna = await organiser(service);
  const meeting = await book(anna, []);
  const { store } = service.service.context;
  const [{ id }] = await store.organisations.list();
  await store.organisations.update(id, { active: false });
  t.equal(await anna.refused('GET', `/api/meetings/${meeting.id}/me`), '410 gone');
});

t.test(
  'the same person from two devices in the same moment: both are answered, one has the place',
  async (t) => {
    const service = await startTestService(t);
    const anna = await organiser(service);
    const meeting = await book(anna, [{ name: 'Bo', personalNumber: BO.personalNumber }]);
    const token = tokenOf(invitationTo(meeting, 'Bo'));
    const devices = [service.browser(), service.browser()];
    for (const device of devices) await device.signIn(BO, { invitation: token });
    const claims = devices.map((device) => device.post<ParticipantView>(`/api/invitations/${token}/claim`));
    for (const { status, body } of await Promise.all(claims)) {
      t.equal(status, 200);
      t.equal(body.state, 'identified');
    }
    const places = devices.map((device) => device.get(`/api/meetings/${meeting.id}/me`));
    t.strictSame((await Promise.all(places)).map(({ status }) => status).sort(), [200, 409]);
  },
);

t.test('coming and going that the database did not take is written down with what comes next', async (t) => {
  const service = await startTestService(t);
  const { store } = service.service.context;
  const anna = await organiser(service);
  const meeting = await book(anna, []);
  const { client } = await begin(t, service, anna, meeting.id);

  const transaction = store.transaction.bind(store);
  Object.assign(store, { transaction: () => Promise.reject(new Error('the database is away')) });
  client.socket.close(1000);
  await until(() => service.log.some((line) => line.includes('could not be written down')));
  Object.assign(store, { transaction });

  await anna.lobby(meeting.id, 'notice', { text: 'Strax tillbaka' });
  const { organisationId } = (await store.meetings.get(meeting.id))!;
  const story = (await store.audit.list({ organisationId, meetingId: meeting.id })).map(
    ({ action }) => action,
  );
  t.strictSame(story.slice(-3), ['participant.entered', 'participant.exited', 'meeting.notice']);
});

t.test(
  'a meeting whose state cannot be read keeps neither the service nor other meetings back',
  async (t) => {
    const folder = newFolder(t);
    const before = await startTestService(t, { folder });
    const anna = await organiser(before);
    const [broken, other] = [await book(anna, [{ name: 'Gäst' }]), await book(anna, [], later(200))];
    await before.browser().arrive(invitationTo(broken, 'Gäst'), CECILIA);
    const { store } = before.service.context;
    const lobby = (await store.participants.lobby(broken.id))!;
    await store.participants.saveLobby(broken.id, lobby.version, { what: 'is this' }, 0);
    await before.service.close();

    const after = await startTestService(t, { folder, startAt: Date.parse(other.startsAt) + 24 * 3_600_000 });
    t.match(await after.service.context.store.meetings.get(other.id), { status: 'ended' });
    t.ok(after.log.some((line) => line.includes(broken.id) && line.includes('could not be looked after')));
  },
);

t.test('names in addresses that nothing has: not found, and no fault of the service', async (t) => {
  const service = await startTestService(t);
  const anna = await organiser(service);
  for (const path of [
    '/api/meetings/%00/me',
    '/api/portal/meetings/a%00b',
    '/api/meetings/%0d%0aSet-Cookie:x/me',
    '/api/invitations/%00',
  ]) {
    t.equal(await anna.refused('GET', path), '404 not-found', path);
  }
  t.equal(await anna.refused('GET', '/api/admin/audit?meeting=%00'), '400 bad-request');
  t.notOk(service.log.some((line) => line.includes('a request failed')));
});

t.test('the audit log takes the choice of e-IDs however many there are', async (t) => {
  const names = Array.from({ length: 9 }, (_, index) => `an-e-id-with-a-long-name-${'abcdefghi'[index]}`);
  const providers = names.map((id): EidProvider => Object.defineProperty(new TestEid(), 'id', { value: id }));
  const service = await startTestService(t, { providers });
  const anna = await organiser(service);
  const { support, retention, keepEvidence } = await anna.expect<Record<string, unknown>>(
    'GET',
    '/api/admin/organisation',
  );
  const chosen = [...names, 'test'];
  await anna.expect('PUT', '/api/admin/organisation', {
    support,
    retention,
    keepEvidence,
    providers: chosen,
  });
  const { store } = service.service.context;
  const [{ id: organisationId }] = await store.organisations.list();
  const [{ details }] = await store.audit.list({ organisationId, beforeSequence: Infinity, limit: 1 });
  const { providers: first, providersB: second, providersC: third } = details;
  t.equal([first, second, third].join('+'), chosen.join('+'));
});

function later(minutes: number): { startsAt: string } {
  return { startsAt: new Date(START + minutes * MINUTE).toISOString() };
}

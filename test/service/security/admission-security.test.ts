/** Nobody gets media whom a host has not let in, whatever way round the page they try. */
import t, { type Test } from 'tap';
import type { Assurance, MeetingView, ParticipantView } from '../../../examples/meeting/shared/api.js';
import { ABSOLUTE_TIMEOUT_MS, IDLE_TIMEOUT_MS } from '../../../examples/meeting/server/sessions.js';
import { CloseCode } from '#src/signalling/protocol.js';
import { RequestFailed, TestClient } from '../../gateway/test-client.js';
import {
  BO,
  begin,
  book,
  type Browser,
  enter,
  invitationTo,
  MINUTE,
  newFolder,
  organiser,
  startTestService,
  type TestService,
  tokenOf,
} from '../meetings/test-service.js';

const CECILIA = { name: 'Cecilia Ek', personalNumber: '190001019876' };

interface Running {
  service: TestService;
  anna: Browser;
  bo: Browser;
  meeting: MeetingView;
  boId: string;
}

/** The host is in the room; Bo waits. */
async function running(t: Test, invitees = 2): Promise<Running> {
  const service = await startTestService(t);
  const anna = await organiser(service);
  const named = { name: 'Bo', personalNumber: BO.personalNumber };
  const meeting = await book(anna, [
    named,
    ...Array.from({ length: invitees - 1 }, () => ({ name: 'Gäst' })),
  ]);
  await begin(t, service, anna, meeting.id);
  const bo = service.browser();
  const { participantId } = await bo.arrive(invitationTo(meeting, 'Bo'), BO);
  return { service, anna, bo, meeting, boId: participantId };
}

async function join(t: Test, { service }: Running, room: string, ticket?: string): Promise<string> {
  try {
    await TestClient.join(t, service.signalling, { room, ticket });
    return 'joined';
  } catch (error) {
    if (error instanceof RequestFailed) return error.info.code;
    throw error;
  }
}

t.test('a raw WebSocket: no ticket, an invented one, one used twice, one for another meeting', async (t) => {
  const scene = await running(t);
  const { anna, bo, meeting, boId } = scene;
  t.equal(await join(t, scene, meeting.id), 'unauthorized');
  t.equal(await join(t, scene, meeting.id, 'A'.repeat(43)), 'unauthorized');
  t.equal(await join(t, scene, 'some-other-room'), 'unauthorized');
  t.equal(
    await bo.refused('POST', `/api/meetings/${meeting.id}/me/ticket`, {}),
    '403 not-admitted',
    'he waits',
  );

  await anna.lobby(meeting.id, 'admit', { participantId: boId });
  const other = await book(anna, [{ name: 'Bo' }], {
    startsAt: new Date(scene.service.clock.now + 200 * MINUTE).toISOString(),
  });
  const { ticket } = await bo.ticket(meeting.id);
  t.equal(await join(t, scene, other.id, ticket), 'unauthorized', 'for another meeting');
  t.equal(await join(t, scene, meeting.id, ticket), 'unauthorized', 'and used up by that');
  const good = (await bo.ticket(meeting.id)).ticket;
  t.equal(await join(t, scene, meeting.id, good), 'joined');
  t.equal(await join(t, scene, meeting.id, good), 'unauthorized', 'replayed');
});

t.test(
  'a ticket is worth nothing once its holder is removed, logs out, or logs in as somebody else',
  async (t) => {
    const scene = await running(t);
    const { anna, bo, meeting, boId, service } = scene;
    await anna.lobby(meeting.id, 'admit', { participantId: boId });
    const removed = (await bo.ticket(meeting.id)).ticket;
    await anna.lobby(meeting.id, 'remove', { participantId: boId, reason: '' });
    t.equal(await join(t, scene, meeting.id, removed), 'unauthorized');

    await anna.lobby(meeting.id, 'admit', { participantId: boId });
    const loggedOut = (await bo.ticket(meeting.id)).ticket;
    const { client } = await enter(t, service, bo, meeting.id);
    await bo.expect('POST', '/api/session/end', {});
    t.equal(await join(t, scene, meeting.id, loggedOut), 'unauthorized');
    t.match(await client.closed, { code: CloseCode.Removed }, 'and he is out of the room');
    t.equal(await bo.refused('POST', `/api/meetings/${meeting.id}/me/ticket`, {}), '401 not-signed-in');

    await bo.arrive(invitationTo(meeting, 'Bo'), BO);
    const back = await enter(t, service, bo, meeting.id);
    const asBo = (await bo.ticket(meeting.id)).ticket;
    await bo.signIn(CECILIA);
    t.match(await back.client.closed, { code: CloseCode.Removed }, 'another person at the same browser');
    t.equal(await join(t, scene, meeting.id, asBo), 'unauthorized');
    t.equal(await bo.refused('POST', `/api/meetings/${meeting.id}/me/ticket`, {}), '403 forbidden');
  },
);

t.test("a session that has run out lets nobody in, and takes nobody's place away", async (t) => {
  const scene = await running(t);
  const { anna, bo, meeting, boId, service } = scene;
  await anna.lobby(meeting.id, 'admit', { participantId: boId });
  const { ticket } = await bo.ticket(meeting.id);
  service.clock.now += IDLE_TIMEOUT_MS;
  t.equal(await join(t, scene, meeting.id, ticket), 'unauthorized');
  t.equal(await bo.refused('POST', `/api/meetings/${meeting.id}/me/ticket`, {}), '401 not-signed-in');
  const back = await bo.arrive(invitationTo(meeting, 'Bo'), BO);
  t.match(back, { participantId: boId, state: 'admitted' }, 'proven anew, it is his place still');
});

t.test('who is in the room does not idle out of it', async (t) => {
  const scene = await running(t);
  const { anna, bo, meeting, boId, service } = scene;
  await anna.lobby(meeting.id, 'admit', { participantId: boId });
  await enter(t, service, bo, meeting.id);
  for (let minutes = 0; minutes < 60; minutes += 20) {
    service.clock.now += 20 * MINUTE;
    await service.service.tick();
  }
  t.match(await bo.expect('GET', `/api/meetings/${meeting.id}/me`), { state: 'admitted' });
});

t.test('who waits with the page open stays signed in, and who only has it open does not', async (t) => {
  const { service, anna, bo, meeting } = await running(t);
  const guest = service.browser();
  const token = tokenOf(invitationTo(meeting, 'Gäst'));
  await guest.signIn(CECILIA, { invitation: token });
  await guest.expect('POST', `/api/invitations/${token}/claim`, {});
  const streams = [
    await bo.events(meeting.id),
    await guest.events(meeting.id),
    await anna.events(meeting.id),
  ];
  for (let minutes = 0; minutes < 60; minutes += 20) {
    service.clock.now += 20 * MINUTE;
    await service.service.tick();
  }
  t.match(await bo.expect('GET', `/api/meetings/${meeting.id}/me`), { state: 'waiting' });
  t.equal(await guest.refused('GET', `/api/meetings/${meeting.id}/me`), '401 not-signed-in');
  for (const stream of streams) stream.close();
});

t.test(
  'a meeting of two hours does not end with the session of somebody who logged in long before',
  async (t) => {
    const service = await startTestService(t);
    const anna = await organiser(service);
    const startsAt = service.clock.now + ABSOLUTE_TIMEOUT_MS - 60 * MINUTE;
    const meeting = await book(anna, [{ name: 'Bo', personalNumber: BO.personalNumber }], {
      startsAt: new Date(startsAt).toISOString(),
      durationMinutes: 120,
    });
    while (service.clock.now < startsAt) {
      service.clock.now += 20 * MINUTE;
      await anna.expect('POST', '/api/session/stay', {});
    }
    const { client } = await begin(t, service, anna, meeting.id);
    for (let minutes = 0; minutes < 120; minutes += 10) {
      service.clock.now += 10 * MINUTE;
      await service.service.tick();
    }
    t.equal(service.service.gateway.rooms.participants(meeting.id).length, 1);
    t.match(await anna.lobby(meeting.id, 'notice', { text: 'Vi är strax klara.' }), {
      notice: 'Vi är strax klara.',
    });
    await anna.lobby(meeting.id, 'end');
    t.match(await client.closed, { code: CloseCode.Ended });
    service.clock.now += IDLE_TIMEOUT_MS;
    await service.service.tick();
    t.equal(await anna.refused('GET', `/api/portal/overview`), '401 not-signed-in', 'but not for ever');
  },
);

t.test('the level: too low at the lobby, and too low at the ticket', async (t) => {
  const scene = await running(t);
  const { anna, bo, meeting, boId, service } = scene;
  const token = tokenOf(invitationTo(meeting, 'Gäst'));
  const low = service.browser();
  await low.signIn(CECILIA, { assurance: 'low', invitation: token });
  t.equal(await low.refused('POST', `/api/invitations/${token}/claim`, {}), '403 assurance-too-low');
  await low.signIn(CECILIA, { assurance: 'high', invitation: token });
  t.match(await low.expect('POST', `/api/invitations/${token}/claim`, {}), { state: 'identified' });

  await anna.lobby(meeting.id, 'admit', { participantId: boId });
  const strong = (await bo.ticket(meeting.id)).ticket;
  await bo.signIn(BO, { assurance: 'low' });
  t.equal(await bo.refused('POST', `/api/meetings/${meeting.id}/me/ticket`, {}), '403 assurance-too-low');
  t.equal(
    await join(t, scene, meeting.id, strong),
    'unauthorized',
    'the earlier proof is gone with its session',
  );
});

t.test('media admission asks for the level itself', async (t) => {
  const scene = await running(t);
  const { service, bo, anna, meeting, boId } = scene;
  await anna.lobby(meeting.id, 'admit', { participantId: boId });
  const { ticket, room } = await bo.ticket(meeting.id);
  const { store } = service.service.context;
  const { sessionHash } = (await store.participants.get(boId))!;
  const session = (await store.sessions.get(sessionHash!))!;
  const assurance: Assurance = 'low';
  await store.sessions.update(sessionHash!, { identity: { ...session.identity!, assurance } });
  t.equal(await join(t, scene, room, ticket), 'unauthorized');
});

t.test("a wrong person, a stranger with the link, somebody with another meeting's session", async (t) => {
  const scene = await running(t);
  const { service, anna, meeting } = scene;
  const named = tokenOf(invitationTo(meeting, 'Bo'));
  const open = tokenOf(invitationTo(meeting, 'Gäst'));

  const stranger = service.browser();
  t.equal(await stranger.refused('POST', `/api/invitations/${open}/claim`, {}), '401 not-signed-in');
  t.equal(await stranger.refused('GET', `/api/meetings/${meeting.id}/me`), '401 not-signed-in');
  t.equal(await stranger.refused('GET', `/api/meetings/${meeting.id}/events`), '401 not-signed-in');
  t.equal(await stranger.refused('GET', `/api/invitations/${'x'.repeat(43)}`), '404 not-found');

  await stranger.signIn(CECILIA, { invitation: named });
  t.equal(await stranger.refused('POST', `/api/invitations/${named}/claim`, {}), '403 identity-mismatch');
  for (const path of ['me/wait', 'me/ticket', 'lobby/admit', 'lobby/end', 'documents']) {
    t.equal(await stranger.refused('POST', `/api/meetings/${meeting.id}/${path}`, {}), '403 forbidden', path);
  }

  const first = service.browser();
  await first.arrive(invitationTo(meeting, 'Gäst'), CECILIA);
  const second = service.browser();
  await second.signIn({ name: 'David', personalNumber: '190102031234' }, { invitation: open });
  t.equal(await second.refused('POST', `/api/invitations/${open}/claim`, {}), '409 already-claimed');

  const other = await book(anna, [{ name: 'David' }], {
    startsAt: new Date(service.clock.now + 100 * MINUTE).toISOString(),
  });
  await second.signIn(
    { name: 'David', personalNumber: '190102031234' },
    { invitation: tokenOf(invitationTo(other, 'David')) },
  );
  await second.expect('POST', `/api/invitations/${tokenOf(invitationTo(other, 'David'))}/claim`, {});
  t.equal(
    await second.refused('GET', `/api/meetings/${meeting.id}/me`),
    '403 forbidden',
    "another meeting's session",
  );
  t.equal(await second.refused('POST', `/api/meetings/${meeting.id}/me/ticket`, {}), '403 forbidden');
});

t.test(
  "a second device: not with the first one's place, but with a proof of its own, and then instead of it",
  async (t) => {
    const scene = await running(t);
    const { service, anna, bo, meeting, boId } = scene;
    await anna.lobby(meeting.id, 'admit', { participantId: boId });
    const first = await enter(t, service, bo, meeting.id);
    const unused = (await bo.ticket(meeting.id)).ticket;

    const phone = service.browser();
    await phone.signIn(BO, { invitation: tokenOf(invitationTo(meeting, 'Bo')) });
    t.equal(
      await phone.refused('POST', `/api/meetings/${meeting.id}/me/ticket`, {}),
      '409 conflict',
      'not without claiming',
    );
    await phone.expect('POST', `/api/invitations/${tokenOf(invitationTo(meeting, 'Bo'))}/claim`, {});
    t.equal(
      await join(t, scene, meeting.id, unused),
      'unauthorized',
      "the first one's ticket is worth nothing now",
    );
    t.equal(await bo.refused('POST', `/api/meetings/${meeting.id}/me/ticket`, {}), '409 conflict');
    await enter(t, service, phone, meeting.id);
    t.match(await first.client.closed, { code: CloseCode.Replaced });
    t.equal(service.service.gateway.rooms.participants(meeting.id).length, 2, 'one place for one person');
  },
);

t.test("only an admitted host has a host's tools", async (t) => {
  const { anna, bo, meeting, boId } = await running(t);
  const actions = ['admit', 'deny', 'notice', 'remove', 'mute', 'lock', 'end'];
  for (const action of actions) {
    t.equal(
      await bo.refused('POST', `/api/meetings/${meeting.id}/lobby/${action}`, {}),
      '403 forbidden',
      action,
    );
  }
  await anna.lobby(meeting.id, 'admit', { participantId: boId });
  for (const action of actions) {
    t.equal(
      await bo.refused('POST', `/api/meetings/${meeting.id}/lobby/${action}`, {}),
      '403 forbidden',
      action,
    );
  }
  t.equal(await anna.refused('POST', `/api/meetings/${meeting.id}/lobby/nothing`, {}), '400 bad-request');
  t.equal(
    await anna.refused('POST', `/api/meetings/${meeting.id}/lobby/admit`, { participantId: 'nobody' }),
    '404 not-found',
  );
});

t.test('nobody waits too early, unconfirmed, or in a locked meeting', async (t) => {
  const service = await startTestService(t);
  const anna = await organiser(service);
  const start = service.clock.now + 90 * MINUTE;
  const guests = Array.from({ length: 4 }, (_, index) => ({ name: `Gäst ${index}` }));
  const meeting = await book(anna, guests, { startsAt: new Date(start).toISOString() });
  const host = `/api/meetings/${meeting.id}`;
  await anna.expect('GET', `${host}/me`);
  t.equal(await anna.refused('POST', `${host}/me/wait`, { undisturbed: true }), '409 not-open');
  t.equal(await anna.refused('POST', `${host}/me/wait`, { undisturbed: false }), '400 bad-request');
  service.clock.now = start;
  await anna.signIn({ name: 'Anna Andersson', personalNumber: '198001012387' });
  await anna.expect('POST', `${host}/me/wait`, { undisturbed: true });
  await enter(t, service, anna, meeting.id);
  await anna.lobby(meeting.id, 'lock', { locked: true });
  const bo = service.browser();
  await t.rejects(bo.arrive(invitationTo(meeting, 'Gäst 0'), BO), /409.*conflict/);
  await anna.lobby(meeting.id, 'lock', { locked: false });
  t.match(await bo.expect<ParticipantView>('POST', `${host}/me/wait`, { undisturbed: true }), {
    queuePlace: 1,
  });
});

t.test('what was answered survives a restart: the queue, the admissions, the removals', async (t) => {
  const folder = newFolder(t);
  const before = await startTestService(t, { folder });
  const anna = await organiser(before);
  const meeting = await book(anna, [{ name: 'Bo', personalNumber: BO.personalNumber }, { name: 'Gäst' }]);
  await begin(t, before, anna, meeting.id);
  const bo = before.browser();
  const { participantId } = await bo.arrive(invitationTo(meeting, 'Bo'), BO);
  const cecilia = before.browser();
  await cecilia.arrive(invitationTo(meeting, 'Gäst'), CECILIA);
  await anna.lobby(meeting.id, 'admit', { participantId });
  await enter(t, before, bo, meeting.id);
  const content = new Uint8Array(1_000).fill(7);
  const { documentId } = await bo.expect<{ documentId: string }>(
    'POST',
    `/api/meetings/${meeting.id}/documents`,
    { size: 1_000 },
  );
  const path = `/api/meetings/${meeting.id}/documents/${documentId}`;
  t.equal((await bo.send('PUT', path, content)).status, 204);
  await before.service.close();

  const after = await startTestService(t, { folder, startAt: before.clock.now });
  const again = (old: Browser): Browser => {
    const browser = after.browser();
    for (const [name, value] of old.cookies) browser.cookies.set(name, value);
    return browser;
  };
  t.match(await again(bo).expect('GET', `/api/meetings/${meeting.id}/me`), {
    state: 'admitted',
    hostPresent: false,
  });
  t.match(await again(cecilia).expect('GET', `/api/meetings/${meeting.id}/me`), {
    state: 'waiting',
    queuePlace: 1,
  });
  t.equal((await again(bo).get<Buffer>(path)).body.length, 1_000);
  await enter(t, after, again(bo), meeting.id);
  const host = again(anna);
  await enter(t, after, host, meeting.id);
  await host.lobby(meeting.id, 'remove', { participantId, reason: '' });
  after.clock.now = Date.parse(meeting.startsAt) + (60 + 120) * MINUTE;
  await after.service.tick();
  t.match(
    await after.service.context.store.meetings.get(meeting.id),
    { status: 'ended' },
    'over two hours after its end',
  );
  await after.service.close();

  const last = await startTestService(t, { folder, startAt: after.clock.now });
  t.match(await last.service.context.store.meetings.get(meeting.id), { status: 'ended' });
  t.match(await last.service.context.store.participants.get(participantId), { state: 'denied' });
});

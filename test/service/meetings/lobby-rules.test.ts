/** What the service adds to the lobby's own rules: names, hosts who come late, invitations taken back, full rooms. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { invitationToken, tokenHash } from '../../../examples/meeting/server/notify/invitation-token.js';
import type { LobbyView, ParticipantView } from '../../../examples/meeting/shared/api.js';
import { CloseCode } from '#src/signalling/protocol.js';
import { TestClient } from '../../gateway/test-client.js';
import {
  BO,
  begin,
  book,
  type Browser,
  DEMO_PERSON,
  enter,
  invitationTo,
  organiser,
  startTestService,
  tokenOf,
} from './test-service.js';

/** Synthetic, all different. */
const guest = (index: number) => ({ name: `Gäst ${index}`, personalNumber: `19000101${1000 + index}` });

t.test('nobody chooses the name under which they are seen', async (t) => {
  const service = await startTestService(t);
  const anna = await organiser(service);
  const meeting = await book(anna, [{ name: 'Bo', personalNumber: BO.personalNumber }]);
  await begin(t, service, anna, meeting.id);
  const bo = service.browser();
  const token = tokenOf(invitationTo(meeting, 'Bo'));
  await bo.signIn(BO, { invitation: token });
  await bo.expect('POST', `/api/invitations/${token}/claim`, { displayName: 'Anna Andersson' });
  const me = await bo.expect<ParticipantView>('POST', `/api/meetings/${meeting.id}/me/wait`, {
    undisturbed: true,
    displayName: 'Anna Andersson',
  });
  t.equal(me.displayName, BO.name);
  const lobby = await anna.lobby(meeting.id, 'admit', { participantId: me.participantId });
  t.match(
    lobby.people.find(({ participantId }) => participantId === me.participantId),
    { displayName: BO.name, verified: { name: BO.name } },
  );
  const { ticket, room } = await bo.ticket(meeting.id);
  await TestClient.join(t, service.signalling, { room, ticket, displayName: 'Anna Andersson' });
  t.match(
    service.service.gateway.rooms.participants(meeting.id).map(({ displayName }) => displayName),
    [DEMO_PERSON.name, BO.name],
    'nor in the room',
  );
});

t.test('a host sees who waits before they begin; nobody else does', async (t) => {
  const service = await startTestService(t);
  const anna = await organiser(service);
  const meeting = await book(anna, [{ name: 'Bo', personalNumber: BO.personalNumber }, { name: 'Gäst' }]);
  const bo = service.browser();
  await bo.arrive(invitationTo(meeting, 'Bo'), BO);
  t.match(await anna.expect('GET', `/api/meetings/${meeting.id}/me`), { state: 'identified', role: 'host' });
  const events = await anna.events(meeting.id);
  t.match(await events.next<LobbyView>('lobby'), {
    people: [{ displayName: BO.name, state: 'waiting', matchesInvitation: true }, {}, { role: 'host' }],
  });
  const second = service.browser();
  await second.arrive(invitationTo(meeting, 'Gäst'), guest(1));
  const both = ({ people }: LobbyView): boolean =>
    people.filter(({ state }) => state === 'waiting').length === 2;
  const seen = await events.next<LobbyView>('lobby', both);
  t.strictSame(
    seen!.people.slice(0, 2).map(({ displayName }) => displayName),
    [BO.name, 'Gäst 1'],
    'in the order in which they came, though it is the same millisecond',
  );
  t.equal(
    await anna.refused('POST', `/api/meetings/${meeting.id}/lobby/admit`, { all: true }),
    '403 forbidden',
    'but lets nobody in before',
  );
  const others = await bo.events(meeting.id);
  await others.next('me');
  await anna.lobby(meeting.id, 'notice', { text: 'Strax klar' });
  t.ok(
    await others.next<ParticipantView>('me', ({ notice }) => notice === 'Strax klar'),
    'a late host says so',
  );
  t.equal(
    await bo.refused('POST', `/api/meetings/${meeting.id}/lobby/notice`, { text: 'Jag är värden' }),
    '403 forbidden',
  );
  await anna.expect('POST', `/api/meetings/${meeting.id}/me/wait`, { undisturbed: true });
  await enter(t, service, anna, meeting.id);
  await anna.lobby(meeting.id, 'end');
  t.equal(await others.next('lobby'), null, 'to the end');
  events.close();
});

t.test('an invitation taken back: out of the room at once, ticket, link and admission dead', async (t) => {
  const service = await startTestService(t);
  const anna = await organiser(service);
  const meeting = await book(anna, [
    { name: 'Bo', personalNumber: BO.personalNumber },
    { name: 'Gäst' },
    { name: 'Ingen' },
  ]);
  await begin(t, service, anna, meeting.id);
  const bo = service.browser();
  const { participantId } = await bo.arrive(invitationTo(meeting, 'Bo'), BO);
  await anna.lobby(meeting.id, 'admit', { participantId });
  const { client } = await enter(t, service, bo, meeting.id);
  const { ticket } = await bo.ticket(meeting.id);
  const waiting = service.browser();
  const waitingId = (await waiting.arrive(invitationTo(meeting, 'Gäst'), guest(1))).participantId;
  const events = await bo.events(meeting.id);
  const hostEvents = await anna.events(meeting.id);

  for (const name of ['Bo', 'Gäst', 'Ingen']) {
    const { id } = invitationTo(meeting, name);
    await anna.expect('DELETE', `/api/portal/meetings/${meeting.id}/invitations/${id}`);
  }
  t.match(await client.closed, { code: CloseCode.Removed });
  const denied = ({ state }: ParticipantView): boolean => state === 'denied';
  t.match(await events.next<ParticipantView>('me', denied), { reason: 'revoked' });
  const alone = ({ people }: LobbyView): boolean => people.length === 1;
  t.match(
    await hostEvents.next<LobbyView>('lobby', alone),
    { people: [{ role: 'host' }] },
    'the host sees them no more',
  );
  await t.rejects(TestClient.join(t, service.signalling, { room: meeting.id, ticket }), /^unauthorized/);
  for (const [who, name] of [
    [bo, 'Bo'],
    [waiting, 'Gäst'],
  ] as const) {
    const token = tokenOf(invitationTo(meeting, name));
    t.equal(await who.refused('POST', `/api/meetings/${meeting.id}/me/ticket`, {}), '403 not-admitted');
    t.equal(
      await who.refused('POST', `/api/meetings/${meeting.id}/me/wait`, { undisturbed: true }),
      '403 not-admitted',
    );
    t.equal(await who.refused('GET', `/api/invitations/${token}`), '410 gone');
    t.equal(await who.refused('POST', `/api/invitations/${token}/claim`, {}), '410 gone');
  }
  for (const id of [participantId, waitingId, invitationTo(meeting, 'Ingen').id]) {
    t.equal(
      await anna.refused('POST', `/api/meetings/${meeting.id}/lobby/admit`, { participantId: id }),
      '404 not-found',
      'no host lets them in by mistake',
    );
  }
  const { store } = service.service.context;
  t.match(await store.participants.get(participantId), { state: 'denied' });
  const { organisationId } = (await store.meetings.get(meeting.id))!;
  const story = await store.audit.list({ organisationId, meetingId: meeting.id });
  t.equal(story.filter(({ action }) => action === 'invitation.revoked').length, 3);
  t.match(
    story.find(({ action }) => action === 'participant.removed'),
    { actor: 'system', details: { participant: participantId } },
  );
  for (const stream of [events, hostEvents]) stream.close();
});

t.test('a full meeting: five of five, and nobody more until somebody goes', async (t) => {
  const service = await startTestService(t);
  const { store, secret } = service.service.context;
  const anna = await organiser(service);
  const meeting = await book(
    anna,
    Array.from({ length: 4 }, (_, index) => ({ name: `Plats ${index}` })),
  );
  t.equal(
    await anna.refused('PATCH', `/api/portal/meetings/${meeting.id}`, {
      invitees: [{ name: 'Plats 4', role: 'participant', via: 'link', language: 'sv' }],
    }),
    '400 bad-request',
    'more than fit in are not invited',
  );
  // As if the room had been made smaller since.
  const [like] = await store.invitations.list([meeting.id]);
  const id = randomUUID();
  await store.invitations.insert({ ...like, id, tokenHash: tokenHash(invitationToken(secret, id)) });
  const sixth = { ...meeting.invitations[0], id, link: `/i/${invitationToken(secret, id)}` };

  await begin(t, service, anna, meeting.id);
  const people: Browser[] = [];
  const ids: string[] = [];
  for (const [index, invitation] of [...meeting.invitations, sixth].entries()) {
    const browser = service.browser();
    ids.push((await browser.arrive(invitation, guest(index))).participantId);
    people.push(browser);
  }
  const lobby = await anna.lobby(meeting.id, 'admit', { all: true });
  t.strictSame(
    ids.map((one) => lobby.people.find(({ participantId }) => participantId === one)?.state),
    ['admitted', 'admitted', 'admitted', 'admitted', 'waiting'],
  );
  const admit = { participantId: ids[4] };
  t.equal(await anna.refused('POST', `/api/meetings/${meeting.id}/lobby/admit`, admit), '409 meeting-full');
  t.equal(
    await anna.refused('POST', `/api/meetings/${meeting.id}/lobby/admit`, { all: true }),
    '409 meeting-full',
  );
  t.equal(await people[4].refused('POST', `/api/meetings/${meeting.id}/me/ticket`, {}), '403 not-admitted');
  t.match(await people[4].expect('GET', `/api/meetings/${meeting.id}/me`), {
    state: 'waiting',
    queuePlace: 1,
  });
  for (const browser of people.slice(0, 4)) await enter(t, service, browser, meeting.id);
  t.equal(service.service.gateway.rooms.participants(meeting.id).length, 5);

  await people[0].expect('POST', `/api/meetings/${meeting.id}/me/leave`, {});
  await anna.lobby(meeting.id, 'admit', admit);
  await enter(t, service, people[4], meeting.id);
  t.equal(service.service.gateway.rooms.participants(meeting.id).length, 5);
});

t.test('what is to be paid is nothing where payment is off, and for hosts', async (t) => {
  const service = await startTestService(t);
  const anna = await organiser(service);
  const meeting = await book(anna, [{ name: 'Bo', personalNumber: BO.personalNumber }]);
  const path = `/api/meetings/${meeting.id}/me/payment`;
  const bo = service.browser();
  await bo.arrive(invitationTo(meeting, 'Bo'), BO);
  for (const who of [anna, bo]) {
    t.strictSame(await who.expect('GET', path), { payment: null });
    t.equal(await who.refused('POST', path, {}), '409 conflict');
  }
  t.equal(await service.browser().refused('GET', path), '401 not-signed-in');
});

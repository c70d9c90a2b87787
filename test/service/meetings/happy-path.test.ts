import { randomBytes } from 'node:crypto';
import t from 'tap';
import type {
  InvitationView,
  LobbyView,
  ParticipantView,
  SessionView,
} from '../../../examples/meeting/shared/api.js';
import { CloseCode } from '#src/signalling/protocol.js';
import {
  BO,
  book,
  DEMO_PERSON,
  enter,
  invitationTo,
  organiser,
  startTestService,
  tokenOf,
} from './test-service.js';

t.test(
  'from booking to the end: invited, identified, waiting, admitted, in the room, removed, over',
  async (t) => {
    const service = await startTestService(t);
    const anna = await organiser(service);
    t.match(await anna.expect<SessionView>('GET', '/api/session'), {
      person: { name: DEMO_PERSON.name, provider: 'test', assurance: 'substantial' },
      roles: ['organiser', 'administrator', 'operator'],
      organisation: { name: 'Demokommunen' },
      isTestService: true,
      idleTimeoutMinutes: 30,
    });
    const meeting = await book(anna, [
      { name: 'Bo', personalNumber: BO.personalNumber },
      { name: 'Tolken', role: 'interpreter' },
    ]);

    const bo = service.browser();
    const token = tokenOf(invitationTo(meeting, 'Bo'));
    t.match(await bo.expect<InvitationView>('GET', `/api/invitations/${token}`), {
      meetingId: meeting.id,
      organisation: 'Demokommunen',
      organiser: DEMO_PERSON.name,
      status: 'planned',
      role: 'participant',
      minimumAssurance: 'substantial',
      payment: null,
    });
    const waiting = await bo.arrive(invitationTo(meeting, 'Bo'), BO);
    t.match(waiting, {
      state: 'waiting',
      queuePlace: 1,
      hostPresent: false,
      displayName: BO.name,
      meetingStatus: 'open',
    });
    t.equal(await bo.refused('POST', `/api/meetings/${meeting.id}/me/ticket`, {}), '403 not-admitted');

    t.match(await anna.expect('GET', `/api/meetings/${meeting.id}/me`), {
      role: 'host',
      state: 'identified',
    });
    await anna.expect('POST', `/api/meetings/${meeting.id}/me/wait`, { undisturbed: true });
    t.equal(
      await anna.refused('POST', `/api/meetings/${meeting.id}/lobby/admit`, { all: true }),
      '409 conflict',
      'nobody enters before the host',
    );
    const host = await enter(t, service, anna, meeting.id);
    const lobbyEvents = await anna.events(meeting.id);
    const boEvents = await bo.events(meeting.id);
    t.match(await boEvents.next<ParticipantView>('me'), { state: 'waiting', hostPresent: true });
    const seen = await lobbyEvents.next<LobbyView>('lobby');
    t.match(seen!.people[0], {
      displayName: BO.name,
      state: 'waiting',
      verified: { provider: 'test', assurance: 'substantial' },
      matchesInvitation: true,
    });
    t.match(
      seen!.people.map(({ role, state }) => [role, state]),
      [
        ['participant', 'waiting'],
        ['interpreter', 'invited'],
        ['host', 'admitted'],
      ],
    );

    await anna.lobby(meeting.id, 'notice', { text: 'Strax!' });
    t.match(await boEvents.next<ParticipantView>('me', ({ notice }) => notice !== null), {
      notice: 'Strax!',
    });
    await anna.lobby(meeting.id, 'admit', { participantId: waiting.participantId });
    t.match(await boEvents.next<ParticipantView>('me', ({ state }) => state === 'admitted'), {
      queuePlace: null,
    });
    const guest = await enter(t, service, bo, meeting.id);
    t.match(guest.joined.peers, [{ displayName: DEMO_PERSON.name, info: { role: 'host' } }]);
    const present = (view: LobbyView): boolean =>
      view.people.some((one) => one.participantId === waiting.participantId && one.present);
    t.ok(await lobbyEvents.next<LobbyView>('lobby', present), 'the host sees who came in');

    const content = randomBytes(300_000);
    const { documentId } = await bo.expect<{ documentId: string }>(
      'POST',
      `/api/meetings/${meeting.id}/documents`,
      {
        size: content.length,
      },
    );
    const path = `/api/meetings/${meeting.id}/documents/${documentId}`;
    t.equal((await anna.send('PUT', path, new Uint8Array(content))).status, 404, 'not hers to send');
    t.equal((await bo.send('PUT', path, new Uint8Array(content))).status, 204);
    t.ok((await anna.get<Buffer>(path)).body.equals(content));

    await anna.lobby(meeting.id, 'remove', { participantId: waiting.participantId, reason: 'Fel person' });
    t.match(await guest.client.closed, { code: CloseCode.Removed });
    t.match(await boEvents.next<ParticipantView>('me', ({ state }) => state === 'denied'), {
      reason: 'Fel person',
    });
    t.equal(await bo.refused('POST', `/api/meetings/${meeting.id}/me/ticket`, {}), '403 not-admitted');
    t.equal(await bo.refused('GET', path), '403 not-admitted');

    await anna.lobby(meeting.id, 'end');
    t.match(await host.client.closed, { code: CloseCode.Ended });
    t.match(await boEvents.next('ended'), { reason: 'ended-by-host' });
    t.equal(await boEvents.next('me'), null, 'the stream is over');
    t.equal(await anna.refused('GET', path), '410 gone');
    t.equal(await bo.refused('GET', `/api/invitations/${token}`), '410 gone');

    const { store } = service.service.context;
    const record = (await store.meetings.get(meeting.id))!;
    const entries = await store.audit.list({ organisationId: record.organisationId, meetingId: meeting.id });
    const story = entries.map(({ action }) => action);
    for (const action of [
      'person.identified',
      'participant.identified',
      'participant.waiting',
      'participant.admitted',
      'participant.entered',
      'participant.removed',
      'meeting.ended',
    ]) {
      t.ok(story.includes(action), action);
    }
    const admission = entries.find(
      ({ action, details }) =>
        action === 'participant.admitted' && details.participant === waiting.participantId,
    )!;
    t.match(admission, {
      actor: /^participant:/,
      details: { provider: 'test', assurance: 'substantial', matchesInvitation: true, role: 'participant' },
    });
    t.not(admission.actor, `participant:${waiting.participantId}`, 'admitted by somebody else');
    t.equal((await store.audit.verify(record.organisationId)).intact, true);
  },
);

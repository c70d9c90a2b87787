/** Records come back as they were given, are found by what they are looked for, and keep their rules. */
import { randomUUID } from 'node:crypto';
import { codeOf, type WithStore } from './conformance.js';
import {
  aMeeting,
  anInvitation,
  anOrganisation,
  anOrganiser,
  aParticipant,
  aSession,
  DAY,
  NOW,
  prepareGround,
} from './fixtures.js';

export function recordConformance(withStore: WithStore): void {
  withStore('organisations: as given, changed in part, listed by the Swedish alphabet', async (t, store) => {
    const names = ['Örebro', 'Arboga', 'Åmål', 'Ängelholm'];
    const records = names.map((name) => anOrganisation({ name, keepEvidence: name === 'Åmål' }));
    for (const record of records) await store.organisations.insert(record);
    t.same(await store.organisations.get(records[2].id), records[2]);
    t.equal(await store.organisations.get('nobody'), null);
    const order = (await store.organisations.list()).map(({ name }) => name);
    t.same(order, ['Arboga', 'Åmål', 'Ängelholm', 'Örebro']);
    const change = { active: false, roomPackage: { 5: 8, 25: 2, 50: 0, 100: 0 } };
    t.same(await store.organisations.update(records[0].id, change), { ...records[0], ...change });
    t.same(
      await store.organisations.update(records[0].id, {}),
      { ...records[0], ...change },
      'an empty change',
    );
    t.equal(await codeOf(store.organisations.update('nobody', { active: true })), 'not-found');
    t.equal(await codeOf(store.organisations.insert(records[0])), 'duplicate');
  });

  withStore('organisers: found by what they log in with while they are active', async (t, store) => {
    const organisation = anOrganisation();
    await store.organisations.insert(organisation);
    t.equal(await store.organisers.isEmpty(), true);
    const anna = anOrganiser(organisation.id, {
      email: 'Anna@Example.org',
      hsaIdHash: 'hsa-1',
      roles: ['organiser', 'administrator', 'operator'],
    });
    await store.organisers.insert(anna);
    const kept = { ...anna, email: 'anna@example.org' };
    t.equal(await store.organisers.isEmpty(), false);
    t.same(await store.organisers.findByEmail('ANNA@example.org'), kept);
    t.same(await store.organisers.findBySubject(anna.personalNumberHash!), kept);
    t.same(await store.organisers.findBySubject('hsa-1'), kept);
    t.equal(await store.organisers.findBySubject('hsa-2'), null);

    const twin = anOrganiser(organisation.id, { email: 'anna@EXAMPLE.org' });
    t.equal(await codeOf(store.organisers.insert(twin)), 'duplicate', 'one person for an address');
    const clone = anOrganiser(organisation.id, { personalNumberHash: anna.personalNumberHash });
    t.equal(await codeOf(store.organisers.insert(clone)), 'duplicate', 'one account for a person');

    const session = aSession({ organiserId: anna.id });
    await store.sessions.insert(session);
    await store.organisers.update(anna.id, { active: false });
    t.equal(await store.sessions.get(session.idHash), null, 'who is no longer active is signed out');
    t.equal(await store.organisers.findByEmail('anna@example.org'), null);
    t.equal(await store.organisers.findBySubject('hsa-1'), null);
    await store.organisers.insert(twin);
    t.equal((await store.organisers.list(organisation.id)).length, 2, 'the former stays listed');
    const operator = anOrganiser(null, { roles: ['operator'], personalNumberHash: null });
    await store.organisers.insert(operator);
    t.same(await store.organisers.get(operator.id), operator);
  });

  withStore('rooms and meeting types: those given up stay readable but are not listed', async (t, store) => {
    const { organisation, organiser, room, meetingType } = await prepareGround(store);
    t.same(await store.rooms.list({ organisationId: organisation.id }), [room]);
    t.same(await store.rooms.list({ organisationId: organisation.id, organiserId: organiser.id }), [room]);
    t.same(await store.rooms.list({ organisationId: organisation.id, organiserId: 'another' }), []);
    await store.rooms.update(room.id, { active: false });
    t.same(await store.rooms.list({ organisationId: organisation.id }), []);
    t.same(await store.rooms.get(room.id), { ...room, active: false });

    t.same(await store.meetingTypes.list(organisation.id), [meetingType]);
    await store.meetingTypes.update(meetingType.id, { name: 'Nytt namn', endToEndEncryption: 'off' });
    const changed = { ...meetingType, name: 'Nytt namn', endToEndEncryption: 'off' };
    t.same(await store.meetingTypes.get(meetingType.id), changed);
    await store.meetingTypes.update(meetingType.id, { active: false });
    t.same(await store.meetingTypes.list(organisation.id), []);
    t.equal(await codeOf(store.rooms.insert({ ...room, id: 'x', organiserId: 'nobody' })), 'not-found');
  });

  withStore('meetings: as given, by every filter, and one writer at a time', async (t, store) => {
    const ground = await prepareGround(store);
    const seriesId = randomUUID();
    const starts = [3, 1, 2].map((days) => NOW + days * DAY);
    const meetings = starts.map((startsAt) => aMeeting(ground, { startsAt, seriesId }));
    for (const meeting of meetings) t.equal((await store.meetings.insert(meeting)).version, 1);
    const paid = aMeeting(ground, { payment: { amount: 250, currency: 'SEK' }, status: 'open' });
    await store.meetings.insert(paid);
    t.same(await store.meetings.get(paid.id), { ...paid, version: 1 });

    const idsOf = async (filter: Parameters<typeof store.meetings.list>[0]): Promise<string[]> =>
      (await store.meetings.list(filter)).map(({ id }) => id);
    const byStart = [meetings[1].id, meetings[2].id, meetings[0].id];
    t.same(await idsOf({ seriesId }), byStart);
    t.same(await idsOf({ seriesId, limit: 2 }), byStart.slice(0, 2));
    t.same(
      await idsOf({ seriesId, from: starts[1], to: starts[0] }),
      byStart.slice(0, 2),
      'the end is not in it',
    );
    t.same(await idsOf({ status: ['open', 'ended'] }), [paid.id]);
    t.same(await idsOf({ status: [] }), []);
    t.equal((await idsOf({ organisationId: ground.organisation.id, roomId: ground.room.id })).length, 4);
    t.same(await idsOf({ organiserId: 'another' }), []);

    const moved = await store.meetings.update(paid.id, 1, { startsAt: NOW, message: '' });
    t.same(moved, { ...paid, startsAt: NOW, message: '', version: 2 });
    t.equal(await codeOf(store.meetings.update(paid.id, 1, { status: 'cancelled' })), 'conflict');
    t.equal(await codeOf(store.meetings.update('none', 1, { status: 'cancelled' })), 'not-found');
    const both = [1, 2].map(() =>
      codeOf(store.meetings.update(paid.id, 2, { status: 'ended', endedAt: NOW })),
    );
    t.same((await Promise.all(both)).sort(), ['conflict', 'no error']);
  });

  withStore('invitations: by token, by meeting; a link can be taken back', async (t, store) => {
    const ground = await prepareGround(store);
    const [one, two] = [aMeeting(ground), aMeeting(ground)];
    for (const meeting of [one, two]) await store.meetings.insert(meeting);
    const first = anInvitation(one.id, { subjectHash: 'bo' });
    const second = anInvitation(one.id, {
      createdAt: NOW + 1,
      via: 'sms',
      email: null,
      phone: '+46701740605',
    });
    const other = anInvitation(two.id, { createdAt: NOW + 2, language: 'en', role: 'interpreter' });
    for (const invitation of [second, first, other]) await store.invitations.insert(invitation);
    t.same(await store.invitations.list([one.id]), [second, first], 'as they were written');
    t.same(await store.invitations.list([one.id, two.id]), [second, first, other]);
    t.same(await store.invitations.list([]), []);
    t.same(await store.invitations.findByTokenHash(other.tokenHash), other);
    t.equal(await store.invitations.findByTokenHash('guessed'), null);
    const change = { delivery: 'sent', deliveredAt: NOW, revokedAt: NOW + 5 } as const;
    t.same(await store.invitations.update(first.id, change), { ...first, ...change });
    const twin = anInvitation(two.id, { tokenHash: first.tokenHash });
    t.equal(await codeOf(store.invitations.insert(twin)), 'duplicate');
    t.equal(await codeOf(store.invitations.insert(anInvitation('no meeting'))), 'not-found');
  });

  withStore('invitations to a series: by their common id and by their common link', async (t, store) => {
    const ground = await prepareGround(store);
    const meetings = [aMeeting(ground), aMeeting(ground), aMeeting(ground)];
    for (const meeting of meetings) await store.meetings.insert(meeting);
    const common = { seriesId: 'series', seriesTokenHash: 'link', sequence: 3 };
    const own = meetings.map(({ id }) => anInvitation(id, common));
    const others = meetings.map(({ id }) =>
      anInvitation(id, { ...common, seriesId: 'x', seriesTokenHash: 'y' }),
    );
    for (const [index, invitation] of own.entries()) {
      await store.invitations.insert(others[index]);
      await store.invitations.insert(invitation);
    }
    t.same(await store.invitations.listSeries({ seriesId: 'series' }), own);
    t.same(await store.invitations.listSeries({ tokenHash: 'link' }), own);
    t.same(await store.invitations.listSeries({ tokenHash: 'guessed' }), []);
  });

  withStore(
    'what is of one millisecond comes in the order of writing, also after a change',
    async (t, store) => {
      const ground = await prepareGround(store);
      const meeting = aMeeting(ground);
      await store.meetings.insert(meeting);
      const COUNT = 30;
      const invitations = Array.from({ length: COUNT }, () => anInvitation(meeting.id));
      const people = invitations.map(({ id }) => aParticipant(meeting.id, { invitationId: id }));
      const message = (invitationId: string) => ({
        id: randomUUID(),
        channel: 'email' as const,
        recipient: 'bo@example.org',
        content: { kind: 'invitation' },
        meetingId: meeting.id,
        invitationId,
        createdAt: NOW,
      });
      const messages = invitations.map(({ id }) => message(id));
      for (const [index, invitation] of invitations.entries()) {
        await store.invitations.insert(invitation);
        await store.participants.insert(people[index]);
        await store.outbox.enqueue(messages[index]);
      }
      await store.invitations.update(invitations[3].id, { delivery: 'sent' });
      await store.participants.update(people[5].id, { verifiedAt: NOW - 1 });
      const ids = (records: readonly { id: string }[]) => records.map(({ id }) => id);
      t.same(ids(await store.invitations.list([meeting.id])), ids(invitations));
      t.same(ids(await store.participants.list([meeting.id])), ids(people));
      t.same(ids(await store.outbox.list({ meetingId: meeting.id })), ids(messages));
      t.same(ids(await store.outbox.take(NOW, 1_000, 10)), ids(messages.slice(0, 10)), 'and go out so');
    },
  );

  withStore('participants: one for an invitation, one for a person of a meeting', async (t, store) => {
    const ground = await prepareGround(store);
    const meeting = aMeeting(ground);
    await store.meetings.insert(meeting);
    const invitation = anInvitation(meeting.id);
    await store.invitations.insert(invitation);
    const host = aParticipant(meeting.id, { organiserId: ground.organiser.id, role: 'host' });
    const guest = aParticipant(meeting.id, {
      invitationId: invitation.id,
      evidence: '<xml/>',
      verifiedAt: NOW + 1,
    });
    for (const record of [guest, host]) await store.participants.insert(record);
    t.same(await store.participants.list([meeting.id]), [guest, host], 'as they were written');
    t.same(await store.participants.list([]), []);
    t.same(await store.participants.findByInvitation(invitation.id), guest);
    t.same(await store.participants.findBySubject(meeting.id, guest.subjectHash!), guest);
    t.equal(await store.participants.findBySubject('other meeting', guest.subjectHash!), null);
    const thief = aParticipant(meeting.id, { invitationId: invitation.id });
    t.equal(await codeOf(store.participants.insert(thief)), 'duplicate', 'claimed already');
    const again = aParticipant(meeting.id, { subjectHash: guest.subjectHash });
    t.equal(await codeOf(store.participants.insert(again)), 'duplicate', 'here already');
    const change = { state: 'admitted', admittedAt: NOW + 9 } as const;
    t.same(await store.participants.update(guest.id, change), { ...guest, ...change });
  });

  withStore('lobbies: the newest state, and a conflict for whoever did not read it', async (t, store) => {
    const ground = await prepareGround(store);
    const [open, planned] = [aMeeting(ground, { status: 'open' }), aMeeting(ground)];
    for (const meeting of [open, planned]) await store.meetings.insert(meeting);
    const state = { people: [{ participantId: 'p', displayName: 'Åsa' }], locked: false };
    t.equal(await store.participants.lobby(open.id), null);
    t.equal(await store.participants.saveLobby(open.id, 0, state, NOW), 1);
    t.equal(await store.participants.saveLobby(planned.id, 0, {}, NOW), 1);
    t.equal(
      await codeOf(store.participants.saveLobby(open.id, 0, {}, NOW)),
      'conflict',
      'there is one already',
    );
    t.equal(await store.participants.saveLobby(open.id, 1, { ...state, locked: true }, NOW + 1), 2);
    t.equal(await codeOf(store.participants.saveLobby(open.id, 1, state, NOW + 2)), 'conflict');
    t.equal(await codeOf(store.participants.saveLobby('none', 1, state, NOW)), 'conflict');
    const saved = { meetingId: open.id, state: { ...state, locked: true }, version: 2, updatedAt: NOW + 1 };
    t.same(await store.participants.lobby(open.id), saved);
    t.same(await store.participants.openLobbies(), [saved]);
    const writers = Array.from({ length: 5 }, () =>
      codeOf(store.participants.saveLobby(open.id, 2, state, NOW)),
    );
    const outcomes = (await Promise.all(writers)).filter((code) => code === 'no error');
    t.equal(outcomes.length, 1, 'of five at once, one');
  });

  withStore('sessions: a new id at login takes claimed places along', async (t, store) => {
    const ground = await prepareGround(store);
    const meeting = aMeeting(ground);
    await store.meetings.insert(meeting);
    const before = aSession();
    await store.sessions.insert(before);
    const place = aParticipant(meeting.id, { sessionHash: before.idHash });
    await store.participants.insert(place);
    const identity = {
      name: 'Bo Berg',
      provider: 'bankid',
      assurance: 'substantial' as const,
      subjectType: 'personal-number-se',
      subjectHash: 'bo',
      otherHashes: ['bo-hsa'],
      authenticatedAt: NOW,
      evidenceHash: 'e',
      evidence: null,
    };
    const after = aSession({ identity, organiserId: ground.organiser.id, language: 'en' });
    await store.sessions.replace(before.idHash, after);
    t.equal(await store.sessions.get(before.idHash), null);
    t.same(await store.sessions.get(after.idHash), after);
    t.equal((await store.participants.get(place.id))?.sessionHash, after.idHash);
    const seen = await store.sessions.update(after.idHash, { lastSeenAt: NOW + 1, identity: null });
    t.same(seen, { ...after, lastSeenAt: NOW + 1, identity: null });
    await store.sessions.delete(after.idHash);
    await store.sessions.delete(after.idHash);
    t.equal(await codeOf(store.sessions.update(after.idHash, { lastSeenAt: 1 })), 'not-found');
  });

  withStore('API keys, settings and payments', async (t, store) => {
    const ground = await prepareGround(store);
    const organisationId = ground.organisation.id;
    const key = { id: 'k', organisationId, name: 'Bokning', keyHash: 'h', createdAt: NOW, lastUsedAt: null };
    await store.apiKeys.insert(key);
    await store.apiKeys.touch('k', NOW + 1);
    t.same(await store.apiKeys.findByHash('h'), { ...key, lastUsedAt: NOW + 1 });
    t.equal((await store.apiKeys.list(organisationId)).length, 1);
    t.equal(await store.apiKeys.delete('another organisation', 'k'), false);
    t.equal(await store.apiKeys.delete(organisationId, 'k'), true);
    t.equal(await store.apiKeys.findByHash('h'), null);

    t.equal(await store.settings.get('retention'), null);
    for (const value of [{ evidence: 1 }, ['a', null], 'text', 0, false]) {
      await store.settings.set('some', value);
      t.same(await store.settings.get('some'), value);
    }
    await store.settings.delete('some');
    t.equal(await store.settings.get('some'), null);

    const meeting = aMeeting(ground);
    await store.meetings.insert(meeting);
    const invitation = anInvitation(meeting.id);
    await store.invitations.insert(invitation);
    const payment = {
      id: 'p',
      meetingId: meeting.id,
      invitationId: invitation.id,
      provider: 'sandbox',
      reference: null,
      amount: 250,
      currency: 'SEK' as const,
      state: 'pending' as const,
      createdAt: NOW,
      updatedAt: NOW,
    };
    await store.payments.insert(payment);
    await store.payments.insert({ ...payment, id: 'q', createdAt: NOW + 1 });
    await store.payments.update('p', { reference: 'r', updatedAt: NOW + 1 });
    t.equal(await codeOf(store.payments.update('q', { reference: 'r' })), 'duplicate');
    t.equal((await store.payments.update('p', { state: 'paid' }, 'pending')).state, 'paid');
    t.equal(await codeOf(store.payments.update('p', { state: 'paid' }, 'pending')), 'conflict', 'told twice');
    t.equal((await store.payments.findByReference('sandbox', 'r'))?.state, 'paid');
    const filter = { meetingId: meeting.id, invitationId: invitation.id };
    t.same(
      (await store.payments.list(filter)).map(({ id }) => id),
      ['p', 'q'],
    );
  });

  withStore('outbox: due, taken, tried again, sent and forgotten', async (t, store) => {
    const message = (id: string, createdAt: number) => ({
      id,
      channel: 'email' as const,
      recipient: `${id}@example.org`,
      content: { subject: 'Inbjudan', text: 'Hej' },
      meetingId: null,
      invitationId: null,
      createdAt,
    });
    t.equal(await store.outbox.nextDue(), null);
    for (const [id, after] of [
      ['c', 2],
      ['a', 0],
      ['b', 1],
    ] as const) {
      await store.outbox.enqueue(message(id, NOW + after));
    }
    t.equal(await store.outbox.nextDue(), NOW);
    t.same(await store.outbox.take(NOW - 1, 1000, 10), []);
    const taken = await store.outbox.take(NOW + 1, 1000, 10);
    t.same(
      taken.map(({ id, attempts }) => [id, attempts]),
      [
        ['a', 1],
        ['b', 1],
      ],
      'the oldest first; the third is not due',
    );
    t.same(taken[0].content, { subject: 'Inbjudan', text: 'Hej' });
    t.same(await store.outbox.take(NOW + 1, 1000, 10), [], 'lent to the first');
    await store.outbox.sent('a', NOW + 3);
    await store.outbox.retry('b', NOW + 5000, 'timeout');
    t.match(await store.outbox.get('a'), { state: 'sent', recipient: '', content: null, doneAt: NOW + 3 });
    t.match(await store.outbox.get('b'), {
      state: 'queued',
      recipient: 'b@example.org',
      lastError: 'timeout',
    });
    const [c] = await store.outbox.take(NOW + 2, 1000, 1);
    t.equal(c.id, 'c');
    const [again] = await store.outbox.take(NOW + 1002, 1000, 10);
    t.match(again, { id: 'c', attempts: 2 }, 'due again when its sender died');
    await store.outbox.fail('c', NOW + 2000, 'no such address');
    t.match(await store.outbox.get('c'), { state: 'failed', lastError: 'no such address' });
    await store.outbox.retry('c', NOW + 2001, 'late');
    t.equal((await store.outbox.get('c'))?.state, 'failed', 'what has ended stays so');
    await store.outbox.sent('gone', NOW);
    t.equal(await store.outbox.nextDue(), NOW + 5000);
  });
}

/** What time and people take away: retention, erasure; and what is handed over: the archive. Opening again, and versions. */
import { randomUUID } from 'node:crypto';
import { openStore, type Store } from '../../../examples/meeting/server/store/store.js';
import { codeOf, type WithStore } from './conformance.js';
import {
  aMeeting,
  anInvitation,
  aParticipant,
  aSession,
  DAY,
  NOW,
  prepareGround,
  type Ground,
} from './fixtures.js';
import { rawSql } from './raw-sql.js';

export function lifeConformance(withStore: WithStore): void {
  withStore('purge: meetings and all of theirs by the organisation’s own days', async (t, store) => {
    const short = await prepareGround(store, { retention: { meetings: 30, audit: 730 } });
    const long = await prepareGround(store, { retention: { meetings: 400, audit: 730 } });
    const old = { startsAt: NOW - 40 * DAY, endedAt: NOW - 40 * DAY, status: 'ended' } as const;
    const gone = await wholeMeeting(store, short, old);
    const forgotten = await wholeMeeting(store, short, { startsAt: NOW - 40 * DAY, status: 'planned' });
    const young = await wholeMeeting(store, short, {
      ...old,
      startsAt: NOW - 20 * DAY,
      endedAt: NOW - 20 * DAY,
    });
    const kept = await wholeMeeting(store, long, old);
    const report = await store.purge(NOW);
    t.equal(report.meetings, 2);
    for (const { meeting, invitation, participant, payment, message } of [gone, forgotten]) {
      t.equal(await store.meetings.get(meeting), null);
      t.equal(await store.invitations.get(invitation), null);
      t.equal(await store.participants.get(participant), null);
      t.equal(await store.participants.lobby(meeting), null);
      t.equal(await store.payments.get(payment), null);
      t.equal(await store.outbox.get(message), null);
    }
    for (const { meeting, participant } of [young, kept]) {
      t.ok(await store.meetings.get(meeting));
      t.ok(await store.participants.get(participant));
    }
    const [entry] = await store.audit.list({ organisationId: short.organisation.id });
    t.match(entry, { action: 'retention.purged', actor: 'system', details: { meetings: 2 } });
    t.same(await store.audit.list({ organisationId: long.organisation.id }), [], 'nothing to tell');
    const again = await store.purge(NOW);
    t.same(again, { meetings: 0, evidence: 0, sessions: 0, outbox: 0, audit: 0 });
  });

  withStore('purge: evidence, sessions and messages by the service’s settings', async (t, store) => {
    const keeping = await prepareGround(store, { keepEvidence: true });
    const refusing = await prepareGround(store, { keepEvidence: false });
    const withEvidence = async (ground: Ground, verifiedAt: number): Promise<string> => {
      const meeting = await store.meetings.insert(aMeeting(ground));
      const participant = aParticipant(meeting.id, { evidence: '<signed/>', verifiedAt });
      await store.participants.insert(participant);
      return participant.id;
    };
    const [young, old] = [
      await withEvidence(keeping, NOW - 5 * DAY),
      await withEvidence(keeping, NOW - 11 * DAY),
    ];
    const unwanted = await withEvidence(refusing, NOW);
    const [live, over] = [aSession(), aSession({ expiresAt: NOW })];
    for (const session of [live, over]) await store.sessions.insert(session);
    for (const id of ['sent', 'failed', 'fresh', 'waiting'])
      await store.outbox.enqueue(aMessage(id, NOW - 50 * DAY));
    await store.outbox.sent('sent', NOW - 20 * DAY);
    await store.outbox.fail('failed', NOW - 20 * DAY, 'refused');
    await store.outbox.sent('fresh', NOW - DAY);
    await store.settings.set('retention', { evidence: 10, outbox: 10 });

    t.same(await store.purge(NOW), { meetings: 0, evidence: 2, sessions: 1, outbox: 2, audit: 0 });
    t.equal((await store.participants.get(young))?.evidence, '<signed/>');
    for (const id of [old, unwanted]) {
      t.match(
        await store.participants.get(id),
        { evidence: null, evidenceHash: 'e'.repeat(64) },
        'the hash stays',
      );
    }
    t.ok(await store.sessions.get(live.idHash));
    t.equal(await store.sessions.get(over.idHash), null);
    t.same(await Promise.all(['sent', 'failed'].map((id) => store.outbox.get(id))), [null, null]);
    t.ok(await store.outbox.get('fresh'));
    t.ok(await store.outbox.get('waiting'), 'what is not sent yet stays');
  });

  withStore(
    'purge: the oldest of the audit log goes, and what stays still proves itself',
    async (t, store, place) => {
      const { organisation } = await prepareGround(store, { retention: { meetings: 90, audit: 100 } });
      const organisationId = organisation.id;
      for (let day = 200; day > 0; day -= 20) {
        for (const owner of [organisationId, null]) {
          await store.audit.append({
            organisationId: owner,
            at: NOW - day * DAY,
            action: 'meeting.booked',
            actor: 'system',
          });
        }
      }
      t.equal((await store.purge(NOW)).audit, 5);
      const entries = await store.audit.list({ organisationId });
      t.same(
        entries.map(({ sequence }) => sequence),
        [6, 7, 8, 9, 10, 11],
      );
      t.match(entries[5], { action: 'retention.purged', details: { audit: 5 } });
      t.equal(
        (await store.audit.list({ organisationId: null })).length,
        10,
        'the service’s own log has more time',
      );
      t.same(await store.audit.verify(), { intact: true, entries: 16, problem: null });
      await store.purge(NOW + 1000 * DAY);
      t.equal((await store.audit.verify()).intact, true, 'when all of it went, too');
      await store.audit.append({ organisationId, at: NOW, action: 'meeting.booked', actor: 'system' });
      t.equal((await store.audit.verify()).intact, true);
      await store.close();
      await rawSql(
        place,
        'update audit_heads set pruned_sequence = 11',
        'delete from audit where sequence <= 11',
      );
      const again = await openStore(place);
      t.equal((await again.audit.verify()).intact, false, 'whoever moves the beginning must know its hash');
      await again.close();
    },
  );

  withStore('erasePerson: name, address, hashes and evidence go; what happened stays', async (t, store) => {
    const ground = await prepareGround(store, { keepEvidence: true });
    const elsewhere = await prepareGround(store);
    const named = await wholeMeeting(store, ground, {}, 'bo');
    const other = await wholeMeeting(store, ground, {}, 'carin');
    const foreign = await wholeMeeting(store, elsewhere, {}, 'bo');
    // A link that named nobody, which Bo claimed.
    const unnamed = await wholeMeeting(store, ground, {}, null, 'bo');
    const session = aSession({
      identity: {
        name: 'Bo Berg',
        provider: 'siths',
        assurance: 'substantial',
        subjectType: 'hsa-id',
        subjectHash: 'bo-hsa',
        otherHashes: ['bo'],
        authenticatedAt: NOW,
        evidenceHash: 'e',
        evidence: null,
      },
    });
    await store.sessions.insert(session);
    await store.audit.append({
      organisationId: ground.organisation.id,
      at: NOW,
      action: 'participant.admitted',
      actor: `participant:${named.participant}`,
    });

    const stranger = await prepareGround(store);
    t.equal(await store.erasePerson(stranger.organisation.id, 'bo'), 0, 'who never met him');
    t.ok(await store.sessions.get(session.idHash), 'neither learns that he is signed in nor ends it');
    const erased = await store.transaction((tx) => tx.erasePerson(ground.organisation.id, 'bo'));
    t.equal(erased, 9, 'two invitations, two places, two messages, two lobbies, a session');
    for (const { invitation, participant, message, meeting } of [named, unnamed]) {
      t.match(await store.invitations.get(invitation), {
        name: '',
        email: null,
        phone: null,
        subjectHash: null,
      });
      t.match(await store.participants.get(participant), {
        displayName: '',
        subjectHash: null,
        evidenceHash: null,
        evidence: null,
        sessionHash: null,
        provider: 'bankid',
        assurance: 'substantial',
      });
      t.equal(await store.outbox.get(message), null);
      const lobby = await store.participants.lobby(meeting);
      t.same((lobby?.state as { participants: object[] }).participants, [
        {
          id: participant,
          displayName: '',
          role: 'participant',
          invitedIdentity: named.meeting === meeting ? '' : null,
          verified: { provider: 'bankid', name: '', pseudonym: '' },
        },
        { id: 'host', displayName: 'Anna', role: 'host', invitedIdentity: null, verified: { name: 'Anna' } },
      ]);
      t.equal(lobby?.version, 2, 'whoever has the lobby in memory notices');
    }
    t.match(
      await store.invitations.get(other.invitation),
      { name: 'Bo Berg', subjectHash: 'carin' },
      'a namesake',
    );
    t.equal((await store.participants.lobby(other.meeting))?.version, 1);
    t.match(await store.participants.get(foreign.participant), { displayName: 'Bo Berg', subjectHash: 'bo' });
    t.equal(await store.sessions.get(session.idHash), null);
    t.equal((await store.audit.verify()).intact, true);
    t.equal(await store.erasePerson(ground.organisation.id, 'bo'), 0);
  });

  withStore(
    'exportArchive: all of one organisation, and an end that tells that it is whole',
    async (t, store) => {
      const ground = await prepareGround(store, { keepEvidence: true });
      const other = await prepareGround(store);
      const organisationId = ground.organisation.id;
      const starts = Array.from({ length: 230 }, (_, n) => NOW + Math.floor(n / 3));
      for (const startsAt of starts) await store.meetings.insert(aMeeting(ground, { startsAt }));
      const whole = await wholeMeeting(store, ground, { startsAt: NOW });
      await wholeMeeting(store, ground, { startsAt: NOW + DAY });
      await wholeMeeting(store, other, { startsAt: NOW });
      await store.audit.append({ organisationId, at: NOW, action: 'meeting.booked', actor: 'system' });
      const lines: { type: string; id?: string; counts?: object }[] = [];
      for await (const line of store.exportArchive(organisationId, { from: NOW, to: NOW + DAY })) {
        lines.push(JSON.parse(line) as (typeof lines)[number]);
      }
      const counts = { organisation: 1, meeting: 231, invitation: 1, participant: 1, payment: 1, audit: 1 };
      t.same(lines.at(-1), { type: 'end', counts });
      t.equal(lines.length, 237);
      t.equal(
        new Set(lines.map(({ id }) => id)).size,
        231 + 4 + 1,
        'each once; the audit and the end have no id',
      );
      const invitation = lines.find(({ type }) => type === 'invitation');
      t.match(invitation, { id: whole.invitation, name: 'Bo Berg' });
      t.notOk('tokenHash' in invitation!);
      t.equal(await codeOf(store.exportArchive('nobody', {}).next()), 'not-found');
    },
  );

  withStore('opening again: everything is there, and nothing is migrated twice', async (t, store, place) => {
    const ground = await prepareGround(store);
    const { meeting } = await wholeMeeting(store, ground);
    await store.close();
    const again = await openStore(place);
    t.match(await again.meetings.get(meeting), { title: aMeeting(ground).title });
    t.equal(again.kind, store.kind);
    await again.close();
  });

  withStore('encryption that was preferred is required from version 3 on', async (t, store, place) => {
    const ground = await prepareGround(store);
    const { meeting } = await wholeMeeting(store, ground);
    const open = aMeeting(ground, { endToEndEncryption: 'off' });
    await store.meetings.insert(open);
    await store.close();
    await rawSql(
      place,
      `update meetings set end_to_end_encryption = 'preferred' where id = '${meeting}'`,
      `update meeting_types set end_to_end_encryption = 'preferred'`,
      'delete from schema_versions where version = 3',
    );
    const again = await openStore(place);
    t.match(await again.meetings.get(meeting), { endToEndEncryption: 'required' });
    t.match(await again.meetingTypes.get(ground.meetingType.id), { endToEndEncryption: 'required' });
    t.match(await again.meetings.get(open.id), { endToEndEncryption: 'off' }, 'which was meant');
    await again.close();
  });

  withStore('a database of a newer version is refused and left alone', async (t, store, place) => {
    await store.settings.set('a', 1);
    await store.close();
    await rawSql(place, `insert into schema_versions values (999, 'from the future')`);
    const refusal = await openStore(place).then(
      () => null,
      (error: Error & { code: string }) => error,
    );
    t.equal(refusal?.code, 'newer-database');
    t.match(refusal?.message, /version 999.*newer service/s);
    await rawSql(place, 'delete from schema_versions where version = 999');
    const again = await openStore(place);
    t.equal(await again.settings.get('a'), 1);
    await again.close();
  });
}

function aMessage(
  id: string,
  createdAt: number,
  meetingId: string | null = null,
  invitationId: string | null = null,
) {
  return {
    id,
    channel: 'email' as const,
    recipient: 'bo@example.org',
    content: {},
    meetingId,
    invitationId,
    createdAt,
  };
}

/** A meeting with one of everything; ids. `claimedBy` left out: by whom it names. */
async function wholeMeeting(
  store: Store,
  ground: Ground,
  change: Parameters<typeof aMeeting>[1] = {},
  subjectHash: string | null = randomUUID(),
  claimedBy = subjectHash,
) {
  const meeting = await store.meetings.insert(aMeeting(ground, change));
  const invitation = anInvitation(meeting.id, { subjectHash });
  const participant = aParticipant(meeting.id, {
    invitationId: invitation.id,
    subjectHash: claimedBy,
    evidence: '<signed/>',
  });
  const payment = {
    id: randomUUID(),
    meetingId: meeting.id,
    invitationId: invitation.id,
    provider: 'sandbox',
    reference: randomUUID(),
    amount: 250,
    currency: 'SEK' as const,
    state: 'paid' as const,
    createdAt: NOW,
    updatedAt: NOW,
  };
  const message = aMessage(randomUUID(), NOW, meeting.id, invitation.id);
  const verified = { provider: 'bankid', name: 'Bo Berg', pseudonym: claimedBy };
  const state = {
    participants: [
      {
        id: participant.id,
        displayName: 'Bo Berg',
        role: 'participant',
        invitedIdentity: subjectHash,
        verified,
      },
      { id: 'host', displayName: 'Anna', role: 'host', invitedIdentity: null, verified: { name: 'Anna' } },
    ],
    notice: null,
  };
  await store.invitations.insert(invitation);
  await store.participants.insert(participant);
  await store.participants.saveLobby(meeting.id, 0, state, NOW);
  await store.payments.insert(payment);
  await store.outbox.enqueue(message);
  return {
    meeting: meeting.id,
    invitation: invitation.id,
    participant: participant.id,
    payment: payment.id,
    message: message.id,
  };
}

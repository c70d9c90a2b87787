/** Booked, changed, cancelled: over HTTP, with mails through a real SMTP server. */
import t, { type Test } from 'tap';
import { tokenHash } from '../../../examples/meeting/server/notify/invitation-token.js';
import { calendarParts, MailServer, type ReceivedMail } from '../notify/mail-server.js';
import { readCalendar } from '../notify/calendar-lines.js';
import { aTown, startPortal, type Harness, type Town } from './portal-harness.js';
import { aBooking, aGuest } from './requests.js';

function event(mail: ReceivedMail): Record<string, string> {
  const lines = readCalendar(calendarParts(mail)[0].text);
  return Object.fromEntries(lines.map(({ name, value }) => [name, value]));
}

async function ready(t: Test): Promise<{ mails: MailServer; harness: Harness; town: Town }> {
  const mails = await MailServer.start(t);
  const harness = await startPortal(t, { smtp: { url: mails.url, from: 'meeting@example.org' } });
  return { mails, harness, town: await aTown(harness.store) };
}

const asked = (town: Town, change: Parameters<typeof aBooking>[0] = {}) =>
  aBooking({ roomId: town.room.id, meetingTypeId: town.type.id, ...change });

t.test('an invitation goes out, follows a new time, and is taken back', async (t) => {
  const { mails, harness, town } = await ready(t);
  const organiser = await harness.signIn(town.organiser);
  const booked = await organiser('POST', '/api/portal/meetings', asked(town));
  t.equal(booked.status, 201);
  const [meeting] = booked.body.meetings;
  const [invitation] = meeting.invitations;
  t.match(meeting, {
    title: 'Uppföljning ärende 17',
    status: 'planned',
    seriesId: null,
    organiser: 'Anna Åkesson',
    room: { capacity: 5 },
    assessment: { assessedBy: 'Anna Åkesson', assessedAt: '2027-03-01T08:00:00.000Z' },
  });
  t.match(invitation, {
    name: 'Kim Karlsson',
    sentTo: 'k***@example.org',
    state: 'invited',
    namesPerson: false,
  });
  t.match(invitation.link, new RegExp(`^${harness.base}/i/[\\w-]{43}$`));

  const [first] = await mails.received(1);
  t.strictSame(first.to, ['kim@example.org']);
  t.match(first.mail.text, invitation.link);
  t.notMatch(
    `${first.mail.text}${first.mail.subject}${first.raw}`,
    /ärende|Uppf|=C3=A4rende/,
    'what it is about stays here',
  );
  t.match(event(first), { METHOD: 'REQUEST', SEQUENCE: '0', DTSTART: '20270322T080000Z' });

  const token = invitation.link.split('/i/')[1];
  const stored = await harness.store.invitations.findByTokenHash(tokenHash(token));
  t.equal(stored?.id, invitation.id);
  t.notMatch(
    JSON.stringify(await harness.store.invitations.list([meeting.id])),
    token,
    'the token itself is nowhere',
  );

  const moved = await organiser('PATCH', `/api/portal/meetings/${meeting.id}`, {
    startsAt: '2027-03-23T12:00:00Z',
    invitees: [aGuest({ name: 'Tolk', role: 'interpreter', email: 'tolk@example.org', language: 'en' })],
  });
  t.equal(moved.status, 200);
  t.equal(moved.body.startsAt, '2027-03-23T12:00:00.000Z');
  const later = (await mails.received(3)).slice(1);
  const update = later.find(({ to }) => to[0] === 'kim@example.org');
  const added = later.find(({ to }) => to[0] === 'tolk@example.org');
  t.match(update?.mail.subject, /^Ny tid för digitalt möte/);
  t.match(added?.mail.subject, /^Invitation to a digital meeting/);
  if (update === undefined || added === undefined) return;
  t.match(event(update), {
    METHOD: 'REQUEST',
    SEQUENCE: '1',
    DTSTART: '20270323T120000Z',
    UID: event(first).UID,
  });
  t.not(event(added).UID, event(first).UID);

  const renamed = await organiser('PATCH', `/api/portal/meetings/${meeting.id}`, { title: 'Annat' });
  t.equal(renamed.body.title, 'Annat');
  const gone = await organiser('DELETE', `/api/portal/meetings/${meeting.id}`);
  t.equal(gone.body.meetings[0].status, 'cancelled');
  const last = (await mails.received(5)).slice(3);
  t.equal(mails.mails.length, 5, 'the new title told nobody');
  for (const mail of last) t.match(event(mail), { METHOD: 'CANCEL', STATUS: 'CANCELLED' });
  t.equal((await organiser('DELETE', `/api/portal/meetings/${meeting.id}`)).status, 409, 'once is enough');
  t.strictSame(harness.changed, [meeting.id, meeting.id, meeting.id], 'those inside heard each time');

  const actions = await harness.store.audit.list({
    organisationId: town.organisation.id,
    meetingId: meeting.id,
  });
  t.strictSame(
    actions.map(({ action }) => action),
    ['meeting.booked', 'meeting.changed', 'meeting.changed', 'meeting.cancelled'],
  );
  t.match(actions[0], {
    actor: `organiser:${town.organiser.id}`,
    details: { minimumAssurance: 'substantial', suitable: true, deviation: false, confidentiality: 3 },
  });
});

t.test('only the named person: a hash is kept, the number is nowhere', async (t) => {
  const { harness, town } = await ready(t);
  const organiser = await harness.signIn(town.organiser);
  const invitees = [aGuest({ personalNumber: '19800101-2387', via: 'link' })];
  const { body, text } = await organiser('POST', '/api/portal/meetings', asked(town, { invitees }));
  const [meeting] = body.meetings;
  t.equal(meeting.invitations[0].namesPerson, true);
  t.equal(meeting.invitations[0].sentTo, null);
  const [stored] = await harness.store.invitations.list([meeting.id]);
  t.equal(stored.subjectHash, harness.context.identities.hash('personal-number-se', '198001012387'));
  t.notMatch(text + JSON.stringify(stored) + harness.log.join(''), /80010123/);
});

t.test('a series, moved and cancelled as a whole', async (t) => {
  const { mails, harness, town } = await ready(t);
  const organiser = await harness.signIn(town.organiser);
  const series = { everyWeeks: 1, count: 3 } as const;
  const { body } = await organiser('POST', '/api/portal/meetings', asked(town, { series }));
  t.strictSame(
    body.meetings.map(({ startsAt }) => startsAt),
    ['2027-03-22T08:00:00.000Z', '2027-03-29T07:00:00.000Z', '2027-04-05T07:00:00.000Z'],
    'at nine in Sweden, before and after the clock changes',
  );
  t.equal(new Set(body.meetings.map(({ seriesId }) => seriesId)).size, 1);
  await mails.received(1);
  const path = `/api/portal/meetings/${body.meetings[1].id}`;
  const moved = await organiser('PATCH', path, { startsAt: '2027-03-30T12:00:00Z', wholeSeries: true });
  t.equal(moved.status, 200);
  const { body: list } = await organiser('GET', '/api/portal/meetings?from=2027-03-01T00:00:00Z');
  t.strictSame(
    list.meetings.map(({ startsAt }) => startsAt),
    ['2027-03-23T13:00:00.000Z', '2027-03-30T12:00:00.000Z', '2027-04-06T12:00:00.000Z'],
  );
  t.equal((await organiser('DELETE', path)).body.meetings.length, 1);
  const rest = await organiser('DELETE', `/api/portal/meetings/${body.meetings[0].id}`, {
    wholeSeries: true,
  });
  t.equal(rest.body.meetings.length, 2);
  const all = await mails.received(4);
  t.equal(mails.mails.length, 4, 'one mail for each act, and not one for each meeting');
  t.equal(all.filter((mail) => event(mail).METHOD === 'CANCEL').length, 2);
});

t.test('two bookings of the same hour at the same time: one is taken', async (t) => {
  const { harness, town } = await ready(t);
  const organiser = await harness.signIn(town.organiser);
  const answers = await Promise.all(
    [1, 2, 3].map(() => organiser('POST', '/api/portal/meetings', asked(town))),
  );
  t.strictSame(answers.map(({ status }) => status).sort(), [201, 409, 409]);
  const refused = answers.find(({ status }) => status === 409);
  t.match(refused?.body.error, {
    code: 'conflict',
    field: 'startsAt',
    message: { sv: /måndag 22 mars 2027 09:00/ },
  });
});

t.test('refused bookings leave nothing behind', async (t) => {
  const { mails, harness, town } = await ready(t);
  const organiser = await harness.signIn(town.organiser);
  const { assessment } = aBooking();
  const refused = await organiser(
    'POST',
    '/api/portal/meetings',
    asked(town, { assessment: { ...assessment, concernsProtectionOfChild: true } }),
  );
  t.strictSame([refused.status, refused.body.error.field], [400, 'assessment.concernsProtectionOfChild']);
  t.strictSame((await organiser('GET', '/api/portal/meetings')).body.meetings, []);
  t.equal(await harness.store.outbox.nextDue(), null);
  t.equal(mails.mails.length, 0);
  t.equal((await organiser('GET', '/api/portal/meetings?from=yesterday')).body.error.field, 'from');
});

t.test('sent again, but not without end', async (t) => {
  const { mails, harness, town } = await ready(t);
  const organiser = await harness.signIn(town.organiser);
  const invitees = [aGuest(), aGuest({ via: 'link' })];
  const { body } = await organiser('POST', '/api/portal/meetings', asked(town, { invitees }));
  const [meeting] = body.meetings;
  await mails.received(1);
  const path = (index: number) =>
    `/api/portal/meetings/${meeting.id}/invitations/${meeting.invitations[index].id}/resend`;
  for (let count = 2; count <= 5; count++) {
    harness.clock.now += 1_000;
    t.equal((await organiser('POST', path(0))).status, 200);
    await mails.received(count);
  }
  const tooMany = await organiser('POST', path(0));
  t.strictSame([tooMany.status, tooMany.body.error.code], [429, 'rate-limited']);
  t.equal((await organiser('POST', path(1))).status, 409, 'a link is copied');
  t.equal(new Set(mails.mails.map(({ mail }) => mail.messageId)).size, 5);
  t.equal(new Set(mails.mails.map((mail) => event(mail).SEQUENCE)).size, 1, 'nothing has changed');
});

t.test('overview: what a booking needs', async (t) => {
  const { harness, town } = await ready(t);
  const organiser = await harness.signIn(town.organiser);
  await organiser('POST', '/api/portal/meetings', asked(town));
  const { body } = await organiser('GET', '/api/portal/overview');
  t.match(body, {
    rooms: [{ id: town.room.id, capacity: 5 }],
    meetingTypes: [{ id: town.type.id, name: 'Utredningssamtal' }],
    providers: [{ id: 'test', isTest: true, flow: 'form' }],
    upcoming: [{ title: 'Uppföljning ärende 17' }],
    paymentEnabled: false,
    smsEnabled: false,
    emailEnabled: true,
  });
  t.equal(body.rooms.length, 1, 'a colleague’s room is not offered');
});

/** A series in the mail and in the calendar of those invited; and one invitation taken back. */
import t, { type Test } from 'tap';
import { findInvitation } from '../../../examples/meeting/server/invitations.js';
import { Refusal } from '../../../examples/meeting/server/http/refusal.js';
import { readCalendar, type CalendarLine } from '../notify/calendar-lines.js';
import { calendarParts, MailServer, type ReceivedMail } from '../notify/mail-server.js';
import { aTown, startPortal, type Client, type Harness, type Town } from './portal-harness.js';
import { aBooking, aGuest } from './requests.js';

interface Calendar {
  method: string;
  /** Its VEVENTs: name and value, with EXDATE only once. */
  events: Record<string, string>[];
  lines: CalendarLine[];
}

function calendar(mail: ReceivedMail): Calendar {
  const lines = readCalendar(calendarParts(mail)[0].text);
  const events: Record<string, string>[] = [];
  for (const { name, value } of lines) {
    if (name === 'BEGIN' && value === 'VEVENT') events.push({});
    else if (events.length > 0 && name !== 'END') events[events.length - 1][name] = value;
  }
  return { method: lines.find(({ name }) => name === 'METHOD')?.value ?? '', events, lines };
}

interface Scene {
  mails: MailServer;
  harness: Harness;
  town: Town;
  organiser: Client;
}

async function scene(t: Test): Promise<Scene> {
  const mails = await MailServer.start(t);
  const harness = await startPortal(t, { smtp: { url: mails.url, from: 'meeting@example.org' } });
  const town = await aTown(harness.store);
  return { mails, harness, town, organiser: await harness.signIn(town.organiser) };
}

const series = { everyWeeks: 1, count: 4 } as const;

async function bookSeries({ organiser, town }: Scene, invitees = [aGuest()]) {
  const asked = aBooking({ roomId: town.room.id, meetingTypeId: town.type.id, series, invitees });
  return (await organiser('POST', '/api/portal/meetings', asked)).body.meetings;
}

async function newest({ mails }: Scene, count: number): Promise<ReceivedMail> {
  return (await mails.received(count))[count - 1];
}

t.test('one mail, one event with a rule in Swedish time, one link', async (t) => {
  const all = await scene(t);
  const meetings = await bookSeries(all);
  const mail = await newest(all, 1);
  t.match(mail.mail.subject, /^Inbjudan till digitala möten/);
  for (const day of ['22 mars', '29 mars', '5 april', '12 april'])
    t.match(mail.mail.text, `måndag ${day} 2027 kl. 09:00`);
  const { method, events, lines } = calendar(mail);
  t.equal(method, 'REQUEST');
  t.equal(events.length, 1);
  t.match(events[0], {
    DTSTART: '20270322T090000',
    DTEND: '20270322T094500',
    RRULE: 'FREQ=WEEKLY;INTERVAL=1;COUNT=4',
    SEQUENCE: '0',
  });
  t.equal(lines.find(({ name }) => name === 'DTEND')?.parameters.TZID, 'Europe/Stockholm');
  t.ok(
    lines.some(({ name, value }) => name === 'TZID' && value === 'Europe/Stockholm'),
    'which is defined',
  );
  const links = new Set(meetings.map(({ invitations }) => invitations[0].seriesLink));
  t.equal(links.size, 1);
  const [link = ''] = links;
  t.match(mail.mail.text, link);
  t.equal(events[0].URL, link);
  t.equal(new Set(meetings.map(({ invitations }) => invitations[0].link)).size, 4, 'each has its own, too');

  const sent = await all.organiser('GET', '/api/portal/meetings');
  t.ok(sent.body.meetings.every(({ invitations }) => invitations[0].delivery === 'sent'));
});

t.test('the link of a series leads to the meeting that is next', async (t) => {
  const all = await scene(t);
  const { store } = all.harness;
  const meetings = await bookSeries(all, [aGuest({ via: 'link' })]);
  const token = meetings[0].invitations[0].seriesLink?.split('/i/')[1] ?? '';
  const leadsTo = async (): Promise<string> => {
    try {
      return (await findInvitation({ store }, token)).meeting.id;
    } catch (error) {
      return error instanceof Refusal ? error.code : String(error);
    }
  };
  t.equal(await leadsTo(), meetings[0].id);
  const end = async (index: number): Promise<void> => {
    const record = await store.meetings.get(meetings[index].id);
    await store.meetings.update(record!.id, record!.version, {
      status: 'ended',
      endedAt: all.harness.clock.now,
    });
  };
  await end(0);
  t.equal(await leadsTo(), meetings[1].id);
  await all.organiser('DELETE', `/api/portal/meetings/${meetings[1].id}`);
  t.equal(await leadsTo(), meetings[2].id, 'not to one that is cancelled');
  await all.organiser(
    'DELETE',
    `/api/portal/meetings/${meetings[2].id}/invitations/${meetings[2].invitations[0].id}`,
  );
  t.equal(await leadsTo(), meetings[3].id, 'nor to one from which the person was taken out');
  await end(3);
  t.equal(await leadsTo(), 'gone');
});

t.test('one meeting of it moves, and one is cancelled: exceptions of the same event', async (t) => {
  const all = await scene(t);
  const [, second, third] = await bookSeries(all);
  const uid = calendar(await newest(all, 1)).events[0].UID;
  await all.organiser('PATCH', `/api/portal/meetings/${second.id}`, { startsAt: '2027-03-30T11:00:00Z' });
  const moved = await newest(all, 2);
  t.match(moved.mail.subject, /^Ny tid för digitalt möte/);
  t.match(calendar(moved), {
    method: 'REQUEST',
    events: [{ UID: uid, SEQUENCE: '1', 'RECURRENCE-ID': '20270329T090000', DTSTART: '20270330T130000' }],
  });
  t.equal(calendar(moved).events.length, 1);
  // Once more: still known by the hour that the rule gives it.
  await all.organiser('PATCH', `/api/portal/meetings/${second.id}`, { durationMinutes: 60 });
  t.match(calendar(await newest(all, 3)).events, [
    {
      SEQUENCE: '2',
      'RECURRENCE-ID': '20270329T090000',
      DTSTART: '20270330T130000',
      DTEND: '20270330T140000',
    },
  ]);
  await all.organiser('DELETE', `/api/portal/meetings/${third.id}`);
  const cancelled = await newest(all, 4);
  t.match(cancelled.mail.subject, /^Digitalt möte är avbokat/);
  t.match(calendar(cancelled), {
    method: 'CANCEL',
    events: [{ UID: uid, SEQUENCE: '3', 'RECURRENCE-ID': '20270405T090000', STATUS: 'CANCELLED' }],
  });

  const invitation = second.invitations[0].id;
  await all.organiser('POST', `/api/portal/meetings/${second.id}/invitations/${invitation}/resend`);
  const again = calendar(await newest(all, 5));
  t.equal(again.method, 'REQUEST');
  t.match(again.events, [
    { UID: uid, SEQUENCE: '3', RRULE: 'FREQ=WEEKLY;INTERVAL=1;COUNT=4', EXDATE: '20270405T090000' },
    { UID: uid, SEQUENCE: '3', 'RECURRENCE-ID': '20270329T090000', DTSTART: '20270330T130000' },
  ]);
});

t.test('the whole series moves with its rule; what has been stays where it was', async (t) => {
  const all = await scene(t);
  const { store, clock } = all.harness;
  const meetings = await bookSeries(all);
  const { UID } = calendar(await newest(all, 1)).events[0];
  const held = await store.meetings.get(meetings[0].id);
  await store.meetings.update(held!.id, held!.version, { status: 'ended', endedAt: clock.now });
  clock.now = Date.parse('2027-03-22T12:00:00Z');
  all.organiser = await all.harness.signIn(all.town.organiser);
  await all.organiser('PATCH', `/api/portal/meetings/${meetings[1].id}`, {
    startsAt: '2027-03-30T11:00:00Z',
    wholeSeries: true,
  });
  const moved = await newest(all, 2);
  t.match(moved.mail.subject, /^Nya tider för digitala möten/);
  t.notMatch(moved.mail.text, '22 mars', 'what is over is not told');
  const { method, events } = calendar(moved);
  t.equal(method, 'REQUEST');
  t.match(events, [
    { UID, SEQUENCE: '1', DTSTART: '20270323T130000', RRULE: 'FREQ=WEEKLY;INTERVAL=1;COUNT=4' },
    { UID, 'RECURRENCE-ID': '20270323T130000', DTSTART: '20270322T090000' },
  ]);
  await all.organiser('PATCH', `/api/portal/meetings/${meetings[2].id}`, {
    startsAt: '2027-04-07T11:00:00Z',
  });
  t.match(calendar(await newest(all, 3)).events, [
    { UID, SEQUENCE: '2', 'RECURRENCE-ID': '20270406T130000', DTSTART: '20270407T130000' },
  ]);

  await all.organiser('DELETE', `/api/portal/meetings/${meetings[3].id}`, { wholeSeries: true });
  const rest = await newest(all, 4);
  t.match(rest.mail.subject, /^Digitala möten är avbokade/);
  t.match(
    calendar(rest),
    { method: 'REQUEST', events: [{ UID, SEQUENCE: '3', DTSTART: '20270322T080000Z' }] },
    'cut short to what was held',
  );
  t.notMatch(JSON.stringify(calendar(rest).events), /RRULE|avbokad/);
});

t.test('a series cancelled before it began is taken back as a whole', async (t) => {
  const all = await scene(t);
  const [first] = await bookSeries(all, [aGuest(), aGuest({ name: 'Lo', email: 'lo@example.org' })]);
  const uids = (await all.mails.received(2)).map((mail) => calendar(mail).events[0].UID);
  await all.organiser('DELETE', `/api/portal/meetings/${first.id}`, { wholeSeries: true });
  const cancelled = (await all.mails.received(4)).slice(2).map(calendar);
  for (const { method, events } of cancelled) {
    t.equal(method, 'CANCEL');
    t.equal(events.length, 1);
    t.match(events[0], { SEQUENCE: '1', STATUS: 'CANCELLED' });
    t.equal(events[0]['RECURRENCE-ID'], undefined);
  }
  t.same(new Set(cancelled.map(({ events }) => events[0].UID)), new Set(uids));
});

t.test('who is added to one meeting of a series has an event of their own', async (t) => {
  const all = await scene(t);
  const [first, second] = await bookSeries(all);
  await newest(all, 1);
  const invitees = [aGuest({ name: 'Tolk', email: 'tolk@example.org', role: 'interpreter' })];
  await all.organiser('PATCH', `/api/portal/meetings/${second.id}`, { invitees });
  const added = calendar(await newest(all, 2));
  t.match(added.events, [{ DTSTART: '20270329T070000Z', SEQUENCE: '0' }]);
  const late = [aGuest({ name: 'Stöd', email: 'stod@example.org', role: 'relative' })];
  await all.organiser('PATCH', `/api/portal/meetings/${first.id}`, { invitees: late, wholeSeries: true });
  t.match(calendar(await newest(all, 3)).events, [{ RRULE: 'FREQ=WEEKLY;INTERVAL=1;COUNT=4' }]);
  t.equal(all.mails.mails.length, 3);
});

t.test('one invitation is taken back: told, written down, and the link is dead', async (t) => {
  const all = await scene(t);
  const { store, changed } = all.harness;
  const { body } = await all.organiser(
    'POST',
    '/api/portal/meetings',
    aBooking({
      roomId: all.town.room.id,
      meetingTypeId: all.town.type.id,
      invitees: [aGuest(), aGuest({ name: 'Lo', email: 'lo@example.org' })],
    }),
  );
  const [meeting] = body.meetings;
  const [kim] = meeting.invitations;
  await all.mails.received(2);
  const path = `/api/portal/meetings/${meeting.id}/invitations/${kim.id}`;
  t.equal(
    (await (await all.harness.signIn(all.town.colleague))('DELETE', path)).status,
    404,
    'not a colleague’s',
  );
  const revoked = await all.organiser('DELETE', path);
  t.equal(revoked.status, 200);
  t.strictSame(
    (revoked.body as unknown as typeof meeting).invitations.map(({ name }) => name),
    ['Lo'],
  );
  const mail = await newest(all, 3);
  t.strictSame(mail.to, ['kim@example.org']);
  t.match(mail.mail.subject, /^Digitalt möte är avbokat/);
  t.match(calendar(mail), { method: 'CANCEL', events: [{ SEQUENCE: '1' }] });
  t.strictSame(changed, [meeting.id], 'those inside hear of it');
  const token = kim.link.split('/i/')[1];
  await t.rejects(findInvitation({ store }, token), { code: 'gone' });
  t.equal((await all.organiser('DELETE', path)).status, 404, 'once is enough');
  t.equal((await all.organiser('POST', `${path}/resend`)).status, 404);
  const entries = await store.audit.list({ organisationId: all.town.organisation.id, meetingId: meeting.id });
  t.match(entries.at(-1), {
    action: 'invitation.revoked',
    actor: `organiser:${all.town.organiser.id}`,
    details: { invitation: kim.id, role: 'participant' },
  });
  await all.organiser('PATCH', `/api/portal/meetings/${meeting.id}`, { startsAt: '2027-03-23T08:00:00Z' });
  t.strictSame((await newest(all, 4)).to, ['lo@example.org'], 'who is out hears no more');
  await all.organiser('DELETE', `/api/portal/meetings/${meeting.id}`);
  t.equal(
    (
      await all.organiser(
        'DELETE',
        `/api/portal/meetings/${meeting.id}/invitations/${meeting.invitations[1].id}`,
      )
    ).status,
    409,
  );
});

t.test('out of one meeting of a series, or of all of it; a booking system may, too', async (t) => {
  const all = await scene(t);
  const [first, second] = await bookSeries(all);
  await newest(all, 1);
  await all.organiser('DELETE', `/api/portal/meetings/${first.id}/invitations/${first.invitations[0].id}`);
  t.match(calendar(await newest(all, 2)), {
    method: 'CANCEL',
    events: [{ 'RECURRENCE-ID': '20270322T090000' }],
  });
  const administrator = await all.harness.signIn(all.town.administrator);
  const { body: key } = await administrator('POST', '/api/admin/api-keys', { name: 'Bokning' });
  const headers = { Authorization: `Bearer ${key.key}` };
  const path = `/api/v1/meetings/${second.id}/invitations/${second.invitations[0].id}`;
  const answer = await all.harness.anonymous('DELETE', path, { wholeSeries: true }, headers);
  t.equal(answer.status, 200);
  const whole = await newest(all, 3);
  t.match(whole.mail.subject, /^Digitala möten är avbokade/);
  t.match(calendar(whole), { method: 'CANCEL', events: [{ SEQUENCE: '2', STATUS: 'CANCELLED' }] });
  const { body } = await all.organiser('GET', '/api/portal/meetings');
  t.ok(body.meetings.every(({ invitations }) => invitations.length === 0));
});

/**
 * One meeting of a municipality from the booking to the end, as it was asked for: in real browsers, with mail, e-ID and media
 * as in production.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import t from 'tap';
import { Attendee, en, PATIENCE } from '../support/acceptance/attendee.js';
import { book } from '../support/acceptance/booking.js';
import { calendarTime, readCalendar } from '../support/acceptance/calendar.js';
import { decodeVp8, likeness, usualLikeness, vp8Frames } from '../support/acceptance/forwarded.js';
import {
  admits,
  endsForAll,
  isIn,
  keeper,
  leaves,
  lobbyOf,
  readsChat,
  savesDocument,
  securityCode,
  seesEncrypted,
  seesMoving,
  seesPeople,
  sharesDocument,
  writesChat,
} from '../support/acceptance/in-meeting.js';
import { startMunicipality } from '../support/acceptance/municipality.js';
import { DISA, FRIDA, HOST, SECRET_NUMBERS, TOLK } from '../support/acceptance/people.js';
import { filesBelow, findWords, waysToWrite } from '../support/acceptance/traces.js';
import { until } from '../support/browser/until.js';
import { calendarParts } from '../service/notify/mail-server.js';
import { launchChromium } from '../support/browser/browsers.js';

const municipality = await startMunicipality(t);
const { service, url, mailTo, forwarded, log, dataDir } = municipality;
const browser = await launchChromium(t);
const open = (name: string, keeper = true): Promise<Attendee> =>
  Attendee.open(t, browser, url, name, { keeper });
const olle = await open(HOST.name);
const disa = await open(DISA.name);
const frida = await open(FRIDA.name);
const tolk = await open(TOLK.name, false);
const guests = [disa, frida, tolk];
const everybody = [olle, ...guests];
const startsAt = new Date(Math.ceil(Date.now() / 60_000 + 20) * 60_000);
let meetingId = '';
let code = '';
const links = new Map<string, string>();

t.test('the organiser logs in with a code that comes by mail, and books', async (t) => {
  await olle.goto('/portal');
  await olle.identifyByCode(HOST.email, () => municipality.codeFor(HOST.email));
  await olle.heading(en.portal.heading).waitFor();
  meetingId = await book(olle, {
    title: 'Planering tillsammans',
    startsAt,
    invitees: [
      { name: DISA.name, email: DISA.email, personalNumber: DISA.personalNumber },
      { name: FRIDA.name, role: 'relative', email: FRIDA.email, personalNumber: FRIDA.personalNumber },
      { name: 'Interpreter', role: 'interpreter', email: TOLK.email, language: 'sv' },
    ],
  });
  t.match(meetingId, /^[0-9a-f-]{36}$/);
});

t.test('each one invited gets a mail with a calendar file and a link of their own', async (t) => {
  const uids = new Set<string>();
  for (const { name, email } of [DISA, FRIDA, TOLK]) {
    const received = await mailTo(email);
    const parts = calendarParts(received);
    t.same(
      parts.map(({ type }) => type).sort(),
      ['application/ics', 'text/calendar'],
      `${name}: for every mail program`,
    );
    t.equal(parts[0].text, parts[1].text);
    const { calendar, event } = readCalendar(parts[0].text);
    t.equal(calendar.get('METHOD'), 'REQUEST');
    t.equal(event.get('SEQUENCE'), '0');
    t.equal(calendarTime(event.get('DTSTART')), startsAt.getTime());
    t.equal(calendarTime(event.get('DTEND')), startsAt.getTime() + 60 * 60_000);
    t.equal(event.get('ORGANIZER;CN="Demokommunen"'), 'mailto:mote@demokommunen.example');
    uids.add(event.get('UID') ?? '');
    const link = event.get('URL') ?? '';
    t.ok(received.mail.text?.includes(link), 'the same link as in the text');
    t.match(link, new RegExp(`^${url}/i/[\\w-]{43}$`));
    t.notOk(received.raw.includes('Planering'), 'not what it is about');
    links.set(email, link);
  }
  t.equal(uids.size, 3);
  t.equal(new Set(links.values()).size, 3);
});

t.test('a citizen opens the link, identifies with BankID by the QR code, and waits', async (t) => {
  await disa.goto(links.get(DISA.email)!);
  const [first, second] = await disa.identifyByBankIdQr(municipality, DISA);
  t.match(first, /^bankid\.[\w-]+\.\d+\.[0-9a-f]{64}$/);
  t.not(first, second, 'another code each second');
  await disa.prepareAndWait();
  await disa.sees(en.visit.waiting.place(1));
});

t.test('a relative by Freja, an interpreter by SITHS on the page of the OpenID provider', async () => {
  await frida.goto(links.get(FRIDA.email)!);
  await frida.identifyByFreja(municipality, FRIDA.freja);
  await frida.prepareAndWait();
  await frida.sees(en.visit.waiting.place(2));
  await tolk.goto(links.get(TOLK.email)!);
  await tolk.identifyBySiths(municipality, TOLK);
  await tolk.prepareAndWait();
  await tolk.sees(en.visit.waiting.place(3));
});

t.test('a code is not enough to hold the meeting: the host proves more on the same device', async (t) => {
  await olle.page.getByRole('link', { name: en.portal.open, exact: true }).click();
  await olle.identifyByBankIdHere(municipality, HOST);
  await olle.prepare(en.visit.before.startMeeting);
  await isIn(olle);
  await disa.sees(en.visit.waiting.hostPresent);
  t.equal(service.gateway.rooms.participants(meetingId).length, 1, 'nobody else is in');
});

t.test('the host sees who waits and how they proved it, and lets them in', async (t) => {
  const panel = await lobbyOf(olle);
  for (const [person, provider, match] of [
    [DISA, 'BankID', en.lobby.matches],
    [FRIDA, 'Freja', en.lobby.matches],
    [TOLK, 'SITHS', en.lobby.noMatch],
  ] as const) {
    const line = panel.getByRole('listitem').filter({ hasText: person.name });
    await line.getByText(en.lobby.verifiedBy(provider, en.common.assuranceShort.substantial)).waitFor();
    await line.getByText(match).waitFor();
  }
  for (const guest of guests) {
    await admits(olle, guest.name);
    await isIn(guest);
  }
  t.equal(service.gateway.rooms.participants(meetingId).length, 4);
});

t.test(
  'everybody sees everybody move, the page says "encrypted", and the code is the same for all',
  async (t) => {
    await Promise.all(
      everybody.map(async (one) => {
        const others = everybody.filter((other) => other !== one).map(({ name }) => name);
        await seesPeople(one, others);
        await seesMoving(one, others);
        await seesEncrypted(one);
      }),
    );
    code = await sameCode(everybody, '');
    t.match(code, /^(\d{5} ){5}\d{5}$/);
  },
);

t.test(
  'what the server forwards is none of what the cameras made, and no decoder makes a picture of it',
  async (t) => {
    const [camera] = forwarded.ids('video');
    const sealed = vp8Frames(await forwarded.record(t, camera, 50));
    const encoded = await keeper.encoded(olle, 'camera');
    t.ok(sealed.length > 10, `${sealed.length} frames`);
    t.ok(encoded.length > 50);
    const bytes = Buffer.concat(sealed);
    t.notOk(
      encoded.some((frame) => frame.length > 60 && bytes.includes(frame.subarray(20, 36))),
      'nothing of the encoder',
    );

    const opened = (await keeper.open(frida, sealed)).filter((frame) => frame !== null);
    t.equal(opened.length, sealed.length, 'with the key of somebody in the meeting each frame opens');
    const made = new Set(encoded.map((frame) => frame.toString('base64')));
    t.ok(made.has(opened.at(-1)!.toString('base64')), 'and is what the camera made');
    const [withKey, without] = await Promise.all([decodeVp8(opened), decodeVp8(sealed)]);
    t.ok(withKey.pictures.length > sealed.length * 0.8, `${withKey.pictures.length} pictures with the key`);
    t.ok(usualLikeness(withKey.pictures) > 0.95, 'pictures of one camera are alike');
    const strange = without.pictures.map((picture) => likeness(picture, withKey.pictures));
    t.ok(Math.max(0, ...strange) < 0.8, `the ${strange.length} without the key are not: ${shorten(strange)}`);

    const [microphone] = forwarded.ids('audio');
    const voices = Buffer.concat((await forwarded.record(t, microphone, 50)).map(({ payload }) => payload));
    const spoken = await keeper.encoded(olle, 'microphone');
    t.ok(spoken.length > 50);
    t.notOk(
      spoken.some((frame) => frame.length > 16 && voices.includes(frame.subarray(4, 16))),
      'nor of the voice',
    );
  },
);

t.test('chat and a PDF cross, and the server keeps the PDF sealed', async (t) => {
  await writesChat(disa, 'Here is the plan. ❤');
  for (const reader of [olle, frida, tolk]) await readsChat(reader, DISA.name, 'Here is the plan. ❤');
  const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(400_000), Buffer.from('\n%%EOF\n')]);
  await sharesDocument(disa, 'Plan för Disa.pdf', pdf);
  t.ok(pdf.equals(await savesDocument(olle, 'Plan för Disa.pdf')), 'the same bytes for one');
  t.ok(pdf.equals(await savesDocument(tolk, 'Plan för Disa.pdf')), 'and for another');
  const kept = [...filesBelow(join(dataDir, 'documents'))].map(([, bytes]) => bytes);
  t.equal(kept.length, 1);
  t.ok(kept[0].length > pdf.length);
  const plain = [0, 100_000, 399_000].map((at) => pdf.subarray(at, at + 16));
  t.notOk(
    plain.some((part) => kept[0].includes(part)),
    'unreadable on the disk',
  );
  t.notMatch(log.join(''), 'Plan');
});

t.test('somebody leaves: another key, another code, and the old keys open nothing new', async (t) => {
  const keys = await keeper.keys(frida);
  t.ok(keys > 0);
  await leaves(frida);
  await frida.heading(en.visit.left.heading).waitFor();
  const stay = [olle, disa, tolk];
  await Promise.all(
    stay.map((one) =>
      seesPeople(
        one,
        stay.filter((other) => other !== one).map(({ name }) => name),
      ),
    ),
  );
  t.not(await sameCode(stay, code), code);
  await seesMoving(disa, [HOST.name]);
  const sealed = vp8Frames(await forwarded.record(t, forwarded.ids('video')[0], 30));
  t.ok(sealed.length > 5);
  t.equal(await keeper.keys(frida), keys, 'who left got no further key');
  t.same(new Set(await keeper.open(frida, sealed)), new Set([null]), 'and opens nothing with the old ones');
  const opened = await keeper.open(disa, sealed);
  t.notOk(opened.includes(null), 'those who stay open all of it');
});

t.test('the host ends the meeting for everybody, and the documents are gone', async (t) => {
  await endsForAll(olle);
  await Promise.all([olle, disa, tolk].map((one) => one.heading(en.visit.left.endedHeading).waitFor()));
  await until(
    'an empty room',
    () => Promise.resolve(service.gateway.rooms.participants(meetingId).length === 0),
    PATIENCE,
  );
  await until('no document', () => Promise.resolve(filesBelow(join(dataDir, 'documents')).size === 0));
  t.same(
    everybody.flatMap(({ problems }) => problems),
    [],
    'no page had an error',
  );
});

t.test('the audit log tells the story: who was let in, by whom, on what assurance', async (t) => {
  const entries = await municipality.audit(meetingId);
  const participants = await service.context.store.participants.list([meetingId]);
  const idOf = (name: string): string => participants.find(({ displayName }) => displayName === name)!.id;
  const host = `participant:${idOf(HOST.name)}`;
  const expected = [
    { action: 'meeting.booked', actor: /^organiser:/ },
    ...[
      [DISA.name, 'bankid', true, 'participant'],
      [FRIDA.name, 'freja', true, 'relative'],
      [TOLK.name, 'siths', false, 'interpreter'],
    ].flatMap(([name, provider, matchesInvitation, role]) => {
      const participant = idOf(name as string);
      const actor = `participant:${participant}`;
      const details = { participant, role, provider, assurance: 'substantial', matchesInvitation };
      return [
        { action: 'person.identified', details: { provider, assurance: 'substantial', purpose: 'meeting' } },
        { action: 'participant.identified', actor, details },
        { action: 'participant.waiting', actor, details },
      ];
    }),
    { action: 'participant.admitted', actor: host, details: { role: 'host', provider: 'bankid' } },
    { action: 'participant.entered', actor: host },
    ...[DISA, FRIDA, TOLK].flatMap(({ name }) => [
      {
        action: 'participant.admitted',
        actor: host,
        details: { participant: idOf(name), assurance: 'substantial' },
      },
      { action: 'participant.entered', actor: `participant:${idOf(name)}` },
    ]),
    { action: 'participant.left', actor: `participant:${idOf(FRIDA.name)}` },
    { action: 'meeting.ended', actor: host },
  ];
  const told = expected.map(({ action }) => action);
  t.comment(entries.map(({ action, actor }) => `${action} ${actor}`).join('\n'));
  let at = 0;
  for (const entry of expected) {
    const found = entries.findIndex((one, index) => index >= at && one.action === entry.action);
    t.ok(found >= at, `${entry.action} comes where it belongs`);
    t.match(entries[found], entry);
    at = found + 1;
  }
  const counted = (action: string): number => entries.filter((entry) => entry.action === action).length;
  t.equal(counted('participant.admitted'), 4, 'nobody else was let in');
  t.equal(counted('participant.entered'), told.filter((action) => action === 'participant.entered').length);
  t.equal((await service.context.store.audit.verify(municipality.organisationId)).intact, true);
  await olle.goto('/admin/audit');
  await olle.sees(en.admin.audit.intact);
  await olle.sees(en.admin.audit.actions['participant.admitted']);
});

t.test(
  'nobody can find a personal number: not in logs, audit, mails, addresses, nor in any file',
  async (t) => {
    const audit = JSON.stringify(await municipality.audit());
    await service.close();
    const files = filesBelow(dataDir);
    const places = new Map([
      ...files,
      ['log', Buffer.from(log.join('\n'))],
      ['audit', Buffer.from(audit)],
      ['addresses', Buffer.from(everybody.flatMap(({ addresses }) => addresses).join('\n'))],
      ...municipality.mail.mails.flatMap(({ raw, mail: { text, html } }, index): [string, Buffer][] => [
        [`mail ${index}`, Buffer.from(raw)],
        [`text of mail ${index}`, Buffer.from(`${text} ${html}`)],
      ]),
    ]);
    t.same(findWords(places, SECRET_NUMBERS.flatMap(waysToWrite)), []);
    // What is there is found: the search itself works.
    t.ok(findWords(files, [DISA.name, 'participant.admitted']).length >= 2);
    t.ok(findWords(places, ['/api/eid/orders', 'Demokommunen']).length >= 2);
  },
);

/** Until all of them show the same code, another than `former`. */
async function sameCode(people: readonly Attendee[], former: string): Promise<string> {
  let codes: string[] = [];
  await until(
    'the same code for all',
    async () => {
      codes = [];
      for (const one of people) codes.push(await securityCode(one, former));
      return new Set(codes).size === 1;
    },
    PATIENCE,
  );
  return codes[0];
}

function shorten(numbers: readonly number[]): string {
  return numbers.map((number) => number.toFixed(2)).join(' ');
}

/** What a meeting leaves on the disk, read as bytes: whoever copies the files has nobody's number and no way in. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { OrganisationRecord } from '../../../examples/meeting/server/store/records.js';
import { SESSION_COOKIE } from '../../../examples/meeting/server/sessions.js';
import {
  BO,
  book,
  type Browser,
  DEMO_PERSON,
  enter,
  invitationTo,
  organiser,
  startTestService,
  type TestService,
  tokenOf,
} from '../meetings/test-service.js';

/** Bo, named by his number, and Anna are in the room; a document was sent. */
async function inMeeting(
  service: TestService,
  anna: Browser,
): Promise<{ bo: Browser; boId: string; token: string; ticket: string; meetingId: string }> {
  const meeting = await book(anna, [{ name: 'Bo', personalNumber: BO.personalNumber }]);
  const token = tokenOf(invitationTo(meeting, 'Bo'));
  await anna.host(meeting.id);
  const { ticket } = await anna.ticket(meeting.id);
  const bo = service.browser();
  const { participantId: boId } = await bo.arrive(invitationTo(meeting, 'Bo'), BO);
  return { bo, boId, token, ticket, meetingId: meeting.id };
}

/** All bytes in all files of the folder, as one text of Latin letters. */
function bytesOf(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

t.test('no personal number, session, ticket or link lies in the files', async (t) => {
  const service = await startTestService(t);
  const anna = await organiser(service);
  const { bo, token, ticket, meetingId } = await inMeeting(service, anna);
  await enter(t, service, anna, meetingId);

  const stored = bytesOf(service.dataDir);
  t.ok(stored.includes(meetingId), 'what is looked through is the database');
  t.ok(stored.includes(BO.name), 'names are in it, until their time is over');
  for (const [what, secret] of [
    ['the number of the invited', BO.personalNumber],
    ['without the century', BO.personalNumber.slice(2)],
    ['written with a hyphen', '121212-1212'],
    ['the number of the organiser', DEMO_PERSON.personalNumber],
    ['the session of the invited', bo.cookies.get(SESSION_COOKIE)!],
    ['the session of the organiser', anna.cookies.get(SESSION_COOKIE)!],
    ['the link of the invitation', token],
    ['a ticket', ticket],
  ]) {
    t.notOk(stored.includes(secret), what);
  }
});

t.test('of a proof its hash is kept; the proof itself only where the organisation wants it', async (t) => {
  for (const keepEvidence of [false, true]) {
    const service = await startTestService(t);
    const { store } = service.service.context;
    const anna = await organiser(service);
    const [organisation] = await store.organisations.list();
    t.equal(organisation.keepEvidence, false, 'not unless it says so');
    await store.organisations.update(organisation.id, { keepEvidence } satisfies Partial<OrganisationRecord>);
    const { boId } = await inMeeting(service, anna);
    const record = (await store.participants.get(boId))!;
    t.match(record.evidenceHash, /^[\da-f]{64}$/);
    t.equal(record.evidence === null, !keepEvidence);
    t.match(record, { provider: 'test', assurance: 'substantial' }, 'and the verdict');
    const session = (await store.sessions.get(record.sessionHash!))!;
    t.equal(session.identity?.evidence === null, !keepEvidence);
  }
});

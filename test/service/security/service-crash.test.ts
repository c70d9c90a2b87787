/** The whole service killed at seeded moments under load: what it answered is there when it runs again. */
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { openStore } from '../../../examples/meeting/server/store/store.js';
import type {
  BookMeetingRequest,
  InvitationEntry,
  MeetingView,
  ParticipantView,
  PortalOverview,
} from '../../../examples/meeting/shared/api.js';
import { TestClient } from '../../gateway/test-client.js';
import { folderHolds } from '../../support/folder-holds.js';
import { book, Browser, DEMO_PERSON } from '../meetings/test-service.js';
import { buildServer, type RunningService, startServer } from '../running-service.js';
import { temporaryFolder } from '../store/temporary-folder.js';

const ROUNDS = 5;
const SEED = 20261122;
const MINUTE = 60_000;
const GUESTS = 24;

/** What was answered, and must be true ever after. */
interface Promised {
  bookings: string[];
  /** By participant. */
  waiting: Map<string, Browser>;
  admitted: Map<string, Browser>;
  documents: Map<string, Buffer>;
}

t.test('killed again and again: nothing that was answered is lost', async (t) => {
  const file = await buildServer(t);
  const dataDir = join(temporaryFolder(t), 'data');
  const random = seeded(SEED);
  const promised: Promised = { bookings: [], waiting: new Map(), admitted: new Map(), documents: new Map() };
  const anna = new Browser('');
  let meeting: MeetingView | null = null;
  let guests: InvitationEntry[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const running = await startServer(t, file, dataDir);
    const everybody = [anna, ...promised.waiting.values(), ...promised.admitted.values()];
    for (const browser of everybody) moveTo(browser, running.url);
    if (meeting === null) {
      await anna.signIn(DEMO_PERSON);
      meeting = await bookLarge(anna);
      guests = [...meeting.invitations];
      await anna.host(meeting.id);
    }
    await checkPromises(t, round, anna, meeting.id, promised);

    const { ticket, room } = await anna.ticket(meeting.id);
    await TestClient.join(t, running.signalling, { room, ticket });
    const target = 3 + Math.floor(random() * 20);
    const delay = random() * 15;
    let answers = 0;
    let killing: Promise<void> | null = null;
    const answered = (): void => {
      answers += 1;
      if (answers >= target) killing ??= setTimeout(delay).then(() => running.kill());
    };
    await Promise.all([
      untilDead(() => bookOne(anna, promised, answered)),
      untilDead(() => letOneIn(anna, running, meeting!.id, guests, promised, answered)),
      untilDead(() => shareOne(anna, meeting!.id, promised, answered)),
    ]);
    await (killing ?? running.kill());
  }
  t.comment(
    `${promised.bookings.length} bookings, ${promised.admitted.size} let in, ${promised.documents.size} documents`,
  );
  t.ok(
    promised.bookings.length >= ROUNDS && promised.admitted.size > 0 && promised.documents.size > 0,
    'enough to lose',
  );
  const running = await startServer(t, file, dataDir);
  for (const browser of [anna, ...promised.waiting.values(), ...promised.admitted.values()])
    moveTo(browser, running.url);
  await checkPromises(t, ROUNDS + 1, anna, meeting!.id, promised);

  // A copy made while it runs, and a service started from it.
  const backups = join(dataDir, 'backups');
  mkdirSync(backups);
  running.process.kill('SIGUSR2');
  const isBackup = (name: string): boolean => name.endsWith('.sqlite');
  const made = (await folderHolds(backups, (names) => names.some(isBackup))).find(isBackup)!;
  await running.kill();
  await checkStore(t, dataDir, meeting!.id, promised);

  const restored = join(temporaryFolder(t), 'restored');
  mkdirSync(restored);
  copyFileSync(join(backups, made), join(restored, 'meeting.sqlite'));
  copyFileSync(join(dataDir, 'secret'), join(restored, 'secret'));
  const again = await startServer(t, file, restored);
  moveTo(anna, again.url);
  const { bookings } = promised;
  t.match(
    await anna.expect('GET', `/api/portal/meetings/${bookings[0]}`),
    { id: bookings[0] },
    'also the login is in it',
  );
  const later = await bookOne(anna, promised, () => undefined);
  t.equal(later, true, 'and it works');
  await again.kill();
  await checkStore(t, restored, meeting!.id, promised);
});

async function checkPromises(
  t: Test,
  round: number,
  anna: Browser,
  meetingId: string,
  promised: Promised,
): Promise<void> {
  const { meetings } = await anna.expect<{ meetings: MeetingView[] }>('GET', '/api/portal/meetings');
  const ids = new Set(meetings.map(({ id }) => id));
  t.same(
    promised.bookings.filter((id) => !ids.has(id)),
    [],
    `round ${round}: bookings (seed ${SEED})`,
  );
  const states = async (people: Map<string, Browser>): Promise<string[]> => {
    const found: string[] = [];
    for (const [id, browser] of people) {
      const me = await browser.expect<ParticipantView>('GET', `/api/meetings/${meetingId}/me`);
      if (me.participantId !== id) found.push(`${id} is ${me.participantId}`);
      found.push(me.state);
    }
    return found;
  };
  // Who was being let in when it died is in or waits.
  const outside = (await states(promised.waiting)).filter(
    (state) => !['waiting', 'admitted'].includes(state),
  );
  t.same(outside, [], `round ${round}: those who wait`);
  const notIn = (await states(promised.admitted)).filter((state) => state !== 'admitted');
  t.same(notIn, [], `round ${round}: those let in`);
  for (const [id, content] of promised.documents) {
    const { body } = await anna.get<Buffer>(`/api/meetings/${meetingId}/documents/${id}`);
    if (!content.equals(body)) t.fail(`round ${round}: document ${id}`);
  }
}

async function checkStore(t: Test, dataDir: string, meetingId: string, promised: Promised): Promise<void> {
  const store = await openStore({ dataDir });
  try {
    t.match(await store.audit.verify(), { intact: true, problem: null }, 'the audit log is whole');
    const record = (await store.meetings.get(meetingId))!;
    const { organisationId } = record;
    const told = new Set<unknown>();
    for await (const line of store.audit.export({ organisationId })) {
      const { action, meetingId: about, details } = JSON.parse(line) as Record<string, never>;
      told.add(`${String(action)} ${String((details as { participant?: string }).participant ?? about)}`);
    }
    const expected = [
      ...promised.bookings.map((id) => `meeting.booked ${id}`),
      ...[...promised.admitted.keys()].map((id) => `participant.admitted ${id}`),
    ];
    t.same(
      expected.filter((entry) => !told.has(entry)),
      [],
      'and tells of all of it',
    );
  } finally {
    await store.close();
  }
}

/** In the large room, from ten minutes from now. */
async function bookLarge(anna: Browser): Promise<MeetingView> {
  const { rooms } = await anna.expect<PortalOverview>('GET', '/api/portal/overview');
  const roomId = rooms.find(({ capacity }) => capacity === 25)!.id;
  const invitees = Array.from({ length: GUESTS }, (_, index) => ({ name: `Gäst ${index}` }));
  return book(anna, invitees, { roomId, startsAt: new Date(Date.now() + 10 * MINUTE).toISOString() });
}

let slot = 0;

/** False: nothing more to do. */
async function bookOne(anna: Browser, promised: Promised, answered: () => void): Promise<boolean> {
  slot += 1;
  const startsAt = new Date(Date.now() + 24 * 60 * MINUTE + slot * 10 * MINUTE).toISOString();
  const change: Partial<BookMeetingRequest> = { startsAt, durationMinutes: 5 };
  const { id } = await book(anna, [{ name: 'Bo' }], change);
  promised.bookings.push(id);
  answered();
  return true;
}

async function letOneIn(
  anna: Browser,
  { url }: RunningService,
  meetingId: string,
  guests: InvitationEntry[],
  promised: Promised,
  answered: () => void,
): Promise<boolean> {
  const invitation = guests.shift();
  if (invitation === undefined) return false;
  const browser = new Browser(url);
  const person = { name: invitation.name, personalNumber: `19000101${1000 + guests.length}` };
  const { participantId } = await browser.arrive(invitation, person);
  promised.waiting.set(participantId, browser);
  answered();
  await anna.lobby(meetingId, 'admit', { participantId });
  promised.waiting.delete(participantId);
  promised.admitted.set(participantId, browser);
  answered();
  return true;
}

async function shareOne(
  anna: Browser,
  meetingId: string,
  promised: Promised,
  answered: () => void,
): Promise<boolean> {
  if (promised.documents.size >= 20) return false;
  const content = randomBytes(20_000);
  const path = `/api/meetings/${meetingId}/documents`;
  const { documentId } = await anna.expect<{ documentId: string }>('POST', path, { size: content.length });
  await anna.expect('PUT', `${path}/${documentId}`, new Uint8Array(content));
  promised.documents.set(documentId, content);
  answered();
  return true;
}

/** A refusal is a fault; a connection that breaks is the end. */
async function untilDead(act: () => Promise<boolean>): Promise<void> {
  try {
    while (await act());
  } catch (error) {
    const isCut = error instanceof TypeError || (error as { name?: string }).name === 'AbortError';
    if (!isCut) throw error;
  }
}

function moveTo(browser: Browser, url: string): void {
  (browser as { url: string }).url = url;
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
}

/** Shared documents on the running service: how large, how many, whose, and how long. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { MAX_DOCUMENTS, MAX_MEETING_BYTES } from '../../../examples/meeting/server/meetings/documents.js';
import {
  DOCUMENT_OVERHEAD_BYTES,
  MAX_DOCUMENT_BYTES,
  type MeetingView,
} from '../../../examples/meeting/shared/api.js';
import { TestClient } from '../../gateway/test-client.js';
import { folderHolds } from '../../support/folder-holds.js';
import { buildServer, startServer } from '../running-service.js';
import { temporaryFolder } from '../store/temporary-folder.js';
import {
  BO,
  begin,
  book,
  Browser,
  DEMO_PERSON,
  invitationTo,
  MINUTE,
  anotherFolder,
  organiser,
  startTestService,
  type TestService,
  tokenOf,
} from './test-service.js';

const LARGEST = MAX_DOCUMENT_BYTES + DOCUMENT_OVERHEAD_BYTES;

interface Scene {
  service: TestService;
  anna: Browser;
  bo: Browser;
  boId: string;
  meeting: MeetingView;
  path: string;
  folder: string;
}

/** Anna is in; Bo waits. */
async function scene(t: Test, testFolder = anotherFolder(t)): Promise<Scene> {
  const service = await startTestService(t, { folder: testFolder });
  const anna = await organiser(service);
  const meeting = await book(anna, [{ name: 'Bo', personalNumber: BO.personalNumber }]);
  await begin(t, service, anna, meeting.id);
  const bo = service.browser();
  const { participantId: boId } = await bo.arrive(invitationTo(meeting, 'Bo'), BO);
  const path = `/api/meetings/${meeting.id}/documents`;
  return { service, anna, bo, boId, meeting, path, folder: join(service.dataDir, 'documents', meeting.id) };
}

async function announce(who: Browser, path: string, size: number): Promise<string> {
  const { documentId } = await who.expect<{ documentId: string }>('POST', path, { size });
  return `${path}/${documentId}`;
}

t.test('25 MB and what encryption adds, and not one byte more', async (t) => {
  const { anna, bo, boId, meeting, path, folder } = await scene(t);
  await anna.lobby(meeting.id, 'admit', { participantId: boId });
  t.equal(await anna.refused('POST', path, { size: LARGEST + 1 }), '413 too-big');
  t.equal(await anna.refused('POST', path, { size: 0 }), '400 bad-request');
  const content = randomBytes(LARGEST + 1);
  const document = await announce(anna, path, LARGEST);
  t.equal(
    await anna.refused('PUT', document, new Uint8Array(content)),
    '413 too-big',
    'more than was announced',
  );
  t.equal(
    await anna.refused('PUT', document, new Uint8Array(content.subarray(2))),
    '400 bad-request',
    'less',
  );
  t.strictSame(readdirSync(folder), [], 'nothing of it stays');
  const whole = content.subarray(1);
  t.equal((await anna.send('PUT', document, new Uint8Array(whole))).status, 204);
  t.equal(await anna.refused('PUT', document, new Uint8Array(whole)), '409 conflict', 'once');
  t.ok((await bo.get<Buffer>(document)).body.equals(whole), 'the others get what was sent');
});

t.test('a meeting holds 500 MB, and 50 documents', async (t) => {
  const { service, anna, path } = await scene(t);
  let total = 0;
  for (;;) {
    const { status, body } = await anna.send<{ error?: { code: string } }>('POST', path, {
      size: MAX_DOCUMENT_BYTES,
    });
    if (status !== 201) {
      t.strictSame([status, body.error?.code], [409, 'limit-reached']);
      break;
    }
    total += MAX_DOCUMENT_BYTES;
  }
  t.equal(total, MAX_MEETING_BYTES);
  t.equal(await anna.refused('POST', path, { size: 1 }), '409 limit-reached');
  service.clock.now += 16 * MINUTE;
  t.match(await announce(anna, path, 1), path, 'who announced and did not send takes no place for ever');

  const second = await scene(t);
  for (let count = 0; count < MAX_DOCUMENTS; count++) await announce(second.anna, second.path, 1);
  t.equal(await second.anna.refused('POST', second.path, { size: 1 }), '409 limit-reached');
});

t.test('an upload that breaks off leaves no file, and may be sent again', async (t) => {
  const { service, anna, path, folder } = await scene(t);
  const content = randomBytes(3_000_000);
  const document = await announce(anna, path, content.length);
  const cookie = [...anna.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const headers = {
    cookie,
    origin: service.url,
    'content-type': 'application/octet-stream',
    'content-length': String(content.length),
  };
  const upload = request(service.url + document, { method: 'PUT', headers });
  upload.on('error', () => undefined);
  upload.write(content.subarray(0, 1_000_000));
  await folderHolds(folder, (names) => names.some((name) => name.endsWith('.part')));
  t.equal(
    await anna.refused('PUT', document, new Uint8Array(content)),
    '409 conflict',
    'it is coming already',
  );
  t.equal(await anna.refused('GET', document), '404 not-found', 'half of it is nothing');
  upload.destroy();
  await folderHolds(folder, (names) => names.length === 0);
  t.equal((await anna.send('PUT', document, new Uint8Array(content))).status, 204);
  t.ok((await anna.get<Buffer>(document)).body.equals(content));
});

t.test('only those who are let into this meeting', async (t) => {
  const { service, anna, bo, boId, meeting, path } = await scene(t);
  const content = randomBytes(1_000);
  const document = await announce(anna, path, content.length);
  await anna.expect('PUT', document, new Uint8Array(content));
  t.equal(await service.browser().refused('GET', document), '401 not-signed-in');
  t.equal(await bo.refused('GET', document), '403 not-admitted', 'who waits');
  t.equal(await bo.refused('POST', path, { size: 1 }), '403 not-admitted');
  const other = await book(anna, [{ name: 'Cecilia' }], {
    startsAt: new Date(service.clock.now + 100 * MINUTE).toISOString(),
  });
  const cecilia = service.browser();
  const token = tokenOf(invitationTo(other, 'Cecilia'));
  await cecilia.signIn({ name: 'Cecilia Ek', personalNumber: '190001019876' }, { invitation: token });
  await cecilia.expect('POST', `/api/invitations/${token}/claim`, {});
  t.equal(await cecilia.refused('GET', document), '403 forbidden', 'who is in another meeting');
  const id = document.slice(path.length + 1);
  t.equal(await cecilia.refused('GET', `/api/meetings/${other.id}/documents/${id}`), '403 not-admitted');
  await anna.lobby(meeting.id, 'admit', { participantId: boId });
  t.ok((await bo.get<Buffer>(document)).body.equals(content));
  await anna.lobby(meeting.id, 'remove', { participantId: boId, reason: '' });
  t.equal(await bo.refused('GET', document), '403 not-admitted', 'nor who was put out');
});

t.test('gone with the meeting, however it ends', async (t) => {
  const first = await scene(t);
  const document = await announce(first.anna, first.path, 1_000);
  await first.anna.expect('PUT', document, new Uint8Array(1_000));
  t.equal(readdirSync(first.folder).length, 1);
  await first.anna.lobby(first.meeting.id, 'end');
  t.notOk(existsSync(first.folder));
  t.equal(await first.anna.refused('GET', document), '410 gone');

  const testFolder = anotherFolder(t);
  const second = await scene(t, testFolder);
  await second.anna.expect('PUT', await announce(second.anna, second.path, 1_000), new Uint8Array(1_000));
  second.service.clock.now = Date.parse(second.meeting.startsAt) + (60 + 120) * MINUTE;
  await second.service.service.tick();
  t.notOk(existsSync(second.folder), 'nobody ended it');

  const third = await scene(t, anotherFolder(t));
  await third.anna.expect('PUT', await announce(third.anna, third.path, 1_000), new Uint8Array(1_000));
  const { store } = third.service.service.context;
  const record = (await store.meetings.get(third.meeting.id))!;
  await store.meetings.update(record.id, record.version, { status: 'ended' });
  await third.service.service.close();
  t.ok(existsSync(third.folder));
  await startTestService(t, { folder: join(third.service.dataDir, '..'), startAt: third.service.clock.now });
  t.notOk(existsSync(third.folder), 'what a crash left behind goes at the next start');
});

t.test('memory does not grow with what is sent', async (t) => {
  const file = await buildServer(t);
  const running = await startServer(t, file, join(temporaryFolder(t), 'data'));
  const anna = new Browser(running.url);
  await anna.signIn(DEMO_PERSON);
  const meeting = await book(anna, [], { startsAt: new Date(Date.now() + 10 * MINUTE).toISOString() });
  await anna.host(meeting.id);
  const { ticket, room } = await anna.ticket(meeting.id);
  await TestClient.join(t, running.signalling, { room, ticket });
  const path = `/api/meetings/${meeting.id}/documents`;
  const content = new Uint8Array(MAX_DOCUMENT_BYTES).fill(7);
  const send = async (): Promise<string> => {
    const document = await announce(anna, path, content.length);
    await anna.expect('PUT', document, content);
    return document;
  };
  await send();
  const { pid } = running.process;
  const megabytes = (field: string): number =>
    Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
  // The highest from now on (proc(5)).
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  const before = megabytes('VmRSS');
  const documents = await Promise.all(Array.from({ length: 8 }, send));
  const sizes = await Promise.all(documents.map(async (one) => (await anna.get<Buffer>(one)).body.length));
  t.ok(sizes.every((size) => size === content.length));
  const grown = megabytes('VmHWM') - before;
  t.ok(grown < 100, `${Math.round(grown)} MB more while 200 MB came and 200 MB went`);
  await running.kill();
});

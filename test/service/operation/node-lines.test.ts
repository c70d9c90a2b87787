/** The built service on each Node.js line that is supported, from the first login to SIGTERM; over media workers. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { MAX_DOCUMENT_BYTES, type LobbyView } from '../../../examples/meeting/shared/api.js';
import { TestClient } from '../../gateway/test-client.js';
import { BO, book, Browser, DEMO_PERSON, invitationTo, MINUTE } from '../meetings/test-service.js';
import { CloseCode } from '#src/signalling/protocol.js';
import { startServer } from '../running-service.js';
import { temporaryFolder } from '../store/temporary-folder.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Where scripts/ensure-nodes.mjs puts it. */
function otherNode(major: string): string {
  const platform = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const path = join(root, 'node_modules/.cache/sluss', `node-${major}`, 'node_modules', platform, 'bin/node');
  if (!existsSync(path)) throw new Error(`${path} is not there: node scripts/ensure-nodes.mjs`);
  return path;
}

t.test('the line at hand', (t) => meet(t, process.execPath));
for (const major of ['22', '24']) t.test(`Node.js ${major}`, (t) => meet(t, otherNode(major)));

async function meet(t: Test, node: string): Promise<void> {
  const dataDir = join(temporaryFolder(t), 'data');
  const built = join(root, 'examples/meeting/dist/server.js');
  const running = await startServer(t, built, dataDir, {}, node);
  const page = await fetch(running.url);
  t.match(await page.text(), /^<!doctype html>/i);
  t.match(page.headers.get('content-security-policy'), "default-src 'none'");

  const anna = new Browser(running.url);
  await anna.signIn(DEMO_PERSON);
  const startsAt = new Date(Date.now() + 10 * MINUTE).toISOString();
  const meeting = await book(anna, [{ name: 'Bo', personalNumber: BO.personalNumber }], { startsAt });
  const path = `/api/meetings/${meeting.id}`;
  await anna.expect('GET', `${path}/me`);
  await anna.expect('POST', `${path}/me/wait`, { undisturbed: true });
  const enter = async (who: Browser): Promise<TestClient> => {
    const { ticket, room, displayName } = await who.ticket(meeting.id);
    const { client, joined } = await TestClient.join(t, running.signalling, { room, displayName, ticket });
    t.match(joined.transports[0].iceCandidates[0], { protocol: 'udp', ip: '127.0.0.1' });
    return client;
  };
  const host = await enter(anna);
  const events = await anna.events(meeting.id);
  const bo = new Browser(running.url);
  const { participantId } = await bo.arrive(invitationTo(meeting, 'Bo'), BO);
  const isThere = ({ people }: LobbyView): boolean =>
    people.some((one) => one.participantId === participantId);
  t.ok(await events.next<LobbyView>('lobby', isThere), 'the host sees who waits');
  await anna.lobby(meeting.id, 'admit', { participantId });
  const guest = await enter(bo);
  t.match(await host.notification('peerJoined'), { displayName: BO.name });

  const content = randomBytes(MAX_DOCUMENT_BYTES);
  const { documentId } = await anna.expect<{ documentId: string }>('POST', `${path}/documents`, {
    size: content.length,
  });
  await anna.expect('PUT', `${path}/documents/${documentId}`, new Uint8Array(content));
  t.ok((await bo.get<Buffer>(`${path}/documents/${documentId}`)).body.equals(content));
  await anna.lobby(meeting.id, 'end');
  t.equal((await guest.closed).code, CloseCode.Ended);

  const ended = once(running.process, 'exit');
  running.process.kill('SIGTERM');
  t.strictSame(await ended, [0, null]);
}

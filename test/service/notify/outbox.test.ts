/** The outbox: nothing that was put in is lost, whatever happens to the provider or to us. */
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import t, { type Test } from 'tap';
import { deliverNotices } from '../../../examples/meeting/server/notify/deliver-notice.js';
import { SmtpMailer } from '../../../examples/meeting/server/notify/mailer.js';
import {
  GIVE_UP_AFTER_MS,
  LEASE_MS,
  OutboxWorker,
  RETRY_DELAYS_MS,
  retryDelay,
} from '../../../examples/meeting/server/notify/outbox-worker.js';
import type { HttpSmsPort } from '../../../examples/meeting/server/notify/sms-port.js';
import {
  openStore,
  type InvitationRecord,
  type Store,
} from '../../../examples/meeting/server/store/store.js';
import { aMeeting, NOW, prepareGround } from '../store/fixtures.js';
import { temporaryFolder } from '../store/temporary-folder.js';
import { MailServer } from './mail-server.js';

const SECRET = Buffer.alloc(32, 7);

function anInvitation(meetingId: string, change: Partial<InvitationRecord> = {}): InvitationRecord {
  const id = randomUUID();
  return {
    id,
    meetingId,
    name: 'Kim',
    role: 'participant',
    via: 'email',
    email: 'kim@example.org',
    phone: null,
    subjectHash: null,
    language: 'sv',
    tokenHash: id,
    seriesId: null,
    seriesTokenHash: null,
    sequence: 0,
    delivery: 'not-sent',
    deliveredAt: null,
    revokedAt: null,
    createdAt: NOW,
    ...change,
  };
}

interface Post {
  store: Store;
  meetingId: string;
  invitation: InvitationRecord;
  clock: { now: number };
  troubles: string[];
  /** Everything that is due now has been tried when it resolves. */
  round(): Promise<void>;
  enqueue(kind: string, change?: object): Promise<string>;
}

async function aPost(t: Test, server: MailServer, sms: HttpSmsPort | null = null): Promise<Post> {
  const store = await openStore({ dataDir: temporaryFolder(t) });
  t.teardown(() => store.close());
  const ground = await prepareGround(store);
  const meeting = await store.meetings.insert(aMeeting(ground));
  const invitation = anInvitation(meeting.id);
  await store.invitations.insert(invitation);
  const clock = { now: NOW };
  const troubles: string[] = [];
  const mailer = new SmtpMailer({
    url: server.url,
    from: 'meeting@example.org',
    fromName: 'Möten',
    timeout: 2_000,
  });
  const context = { store, secret: SECRET, publicUrl: () => 'https://meet.example.org' };
  const round = async (): Promise<void> => {
    const worker = new OutboxWorker({
      store,
      deliver: deliverNotices(context, { mailer, sms, from: 'meeting@example.org' }),
      now: () => clock.now,
      onTrouble: (_message, { reason, final }) => troubles.push(`${reason}${final ? ', given up' : ''}`),
    });
    worker.start();
    for (;;) {
      const due = await store.outbox.nextDue();
      if (due === null || due > clock.now) break;
    }
    await worker.stop();
  };
  const enqueue = async (kind: string, change: object = {}): Promise<string> => {
    const id = randomUUID();
    await store.outbox.enqueue({
      id,
      channel: 'email',
      recipient: 'kim@example.org',
      content: { kind },
      meetingId: meeting.id,
      invitationId: invitation.id,
      createdAt: clock.now,
      ...change,
    });
    return id;
  };
  return { store, meetingId: meeting.id, invitation, clock, troubles, round, enqueue };
}

t.test('a mail server with a bad hour', async (t) => {
  const server = await MailServer.start(t);
  server.refuse = () => 451;
  const post = await aPost(t, server);
  const id = await post.enqueue('invitation');
  await post.round();
  t.match(await post.store.outbox.get(id), {
    state: 'queued',
    attempts: 1,
    nextAttemptAt: NOW + RETRY_DELAYS_MS[0],
    lastError: /451/,
  });
  await post.round();
  t.equal((await post.store.outbox.get(id))?.attempts, 1, 'not before its time');
  post.clock.now += RETRY_DELAYS_MS[0];
  await post.round();
  t.equal((await post.store.outbox.get(id))?.attempts, 2);
  server.refuse = () => null;
  post.clock.now += RETRY_DELAYS_MS[1];
  await post.round();
  t.equal(server.mails.length, 1);
  t.match(await post.store.outbox.get(id), { state: 'sent', recipient: '', content: null });
  t.match(await post.store.invitations.get(post.invitation.id), {
    delivery: 'sent',
    deliveredAt: post.clock.now,
  });
  t.equal(post.troubles.length, 2);
  t.notMatch(post.troubles.join(' '), /kim/);
});

t.test('an address that does not exist is said to be so', async (t) => {
  const server = await MailServer.start(t);
  server.refuse = () => 550;
  const post = await aPost(t, server);
  const id = await post.enqueue('invitation');
  await post.round();
  t.equal((await post.store.outbox.get(id))?.state, 'failed');
  t.equal((await post.store.invitations.get(post.invitation.id))?.delivery, 'failed');
  t.match(post.troubles, [/550, given up/]);
});

t.test('given up only after days', async (t) => {
  const server = await MailServer.start(t);
  server.refuse = () => 451;
  const post = await aPost(t, server);
  const id = await post.enqueue('invitation');
  post.clock.now += GIVE_UP_AFTER_MS - 1;
  await post.round();
  t.equal((await post.store.outbox.get(id))?.state, 'queued');
  post.clock.now += retryDelay(1);
  await post.round();
  t.equal((await post.store.outbox.get(id))?.state, 'failed');
  t.equal(retryDelay(100), RETRY_DELAYS_MS[RETRY_DELAYS_MS.length - 1]);
});

t.test('a late message tells how things are now', async (t) => {
  const server = await MailServer.start(t);
  const post = await aPost(t, server);
  const first = await post.enqueue('invitation');
  const meeting = await post.store.meetings.get(post.meetingId);
  await post.store.meetings.update(post.meetingId, meeting?.version ?? 0, {
    startsAt: Date.parse('2026-12-01T12:00:00Z'),
  });
  post.clock.now += 1;
  await post.enqueue('update');
  await post.round();
  t.equal(server.mails.length, 1, 'one message says all');
  t.match(server.mails[0].mail.text, 'tisdag 1 december 2026 kl. 13:00');
  t.match(await post.store.outbox.get(first), { state: 'failed', lastError: 'not needed any more' });

  await post.enqueue('invitation');
  const now = await post.store.meetings.get(post.meetingId);
  await post.store.meetings.update(post.meetingId, now?.version ?? 0, { status: 'cancelled' });
  await post.round();
  t.equal(server.mails.length, 1, 'nobody is invited to what was cancelled');
  await post.enqueue('cancellation');
  await post.round();
  t.match(server.mails[1].mail.subject, /avbokat/);
});

t.test('text messages take the same way', async (t) => {
  const server = await MailServer.start(t);
  const sent: unknown[] = [];
  const post = await aPost(t, server, {
    send: (sms: unknown) => {
      sent.push(sms);
      return Promise.resolve();
    },
  } as unknown as HttpSmsPort);
  const id = await post.enqueue('invitation', { channel: 'sms', recipient: '+46701234567' });
  await post.round();
  t.match(sent, [
    {
      id,
      to: '+46701234567',
      text: /^Demokommunen: inbjudan till digitalt möte .*https:\/\/meet\.example\.org\/i\//,
    },
  ]);
});

t.test('our own fault loses nothing either', async (t) => {
  const server = await MailServer.start(t);
  const post = await aPost(t, server);
  const id = await post.enqueue('a kind of tomorrow');
  await post.round();
  t.match(await post.store.outbox.get(id), { state: 'queued', lastError: 'fault of the service' });
});

t.test('killed in the middle of it: all that was kept goes out after the restart', async (t) => {
  const server = await MailServer.start(t);
  const dataDir = temporaryFolder(t);
  const before = await openStore({ dataDir });
  const ground = await prepareGround(before);
  const meeting = await before.meetings.insert(aMeeting(ground, { startsAt: Date.now() + 86_400_000 }));
  const invitations = Array.from({ length: 30 }, () => anInvitation(meeting.id));
  for (const invitation of invitations) await before.invitations.insert(invitation);
  await before.close();

  const script = join(t.testdir(), 'outbox-crash-child.mjs');
  // One file that starts at once.
  await build({
    entryPoints: [fileURLToPath(new URL('outbox-crash-child.ts', import.meta.url))],
    outfile: script,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
  const child = fork(script, [dataDir, server.url, meeting.id, ...invitations.map(({ id }) => id)], {
    execArgv: [],
  });
  const kept = new Set<string>();
  child.on('message', (id) => kept.add(id as string));
  await server.received(5);
  child.kill('SIGKILL');
  await once(child, 'close');
  t.ok(kept.size >= 5);

  const store = await openStore({ dataDir });
  t.teardown(() => store.close());
  const mailer = new SmtpMailer({ url: server.url, from: 'meeting@example.org', fromName: 'Möten' });
  const context = { store, secret: SECRET, publicUrl: () => 'https://meet.example.org' };
  const worker = new OutboxWorker({
    store,
    deliver: deliverNotices(context, { mailer, sms: null, from: 'meeting@example.org' }),
    // What the dead one had in hand is free again when its lease has ended.
    now: () => Date.now() + LEASE_MS,
  });
  worker.start();
  const arrived = (): Set<string> =>
    new Set(server.mails.flatMap(({ to }) => to.map((one) => one.split('@')[0])));
  while (![...kept].every((id) => arrived().has(id))) await server.received(server.mails.length + 1);
  // What had arrived, but was not yet known to have, is sent again.
  while (await anyQueued(store, kept)) await setTimeout(20);
  await worker.stop();
  t.pass(`${kept.size} were kept, and all came`);
  for (const id of kept) {
    const same = server.mails.filter(({ to }) => to[0].startsWith(id));
    if (same.length > 2) t.fail('sent again and again');
    t.equal(new Set(same.map(({ mail }) => mail.messageId)).size, 1, 'a copy can be known as one');
  }
});

async function anyQueued(store: Store, ids: Iterable<string>): Promise<boolean> {
  for (const id of ids) if ((await store.outbox.get(id))?.state !== 'sent') return true;
  return false;
}

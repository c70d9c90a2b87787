/** Books messages one after the other and sends them, until it is killed: see outbox.test.ts. */
import { randomUUID } from 'node:crypto';
import { deliverNotices } from '../../../examples/meeting/server/notify/deliver-notice.js';
import { OutboxWorker } from '../../../examples/meeting/server/notify/outbox-worker.js';
import { SmtpMailer } from '../../../examples/meeting/server/notify/mailer.js';
import { openStore } from '../../../examples/meeting/server/store/store.js';

const [dataDir, smtpUrl, meetingId, ...invitationIds] = process.argv.slice(2);
const store = await openStore({ dataDir });
const mailer = new SmtpMailer({ url: smtpUrl, from: 'meeting@example.org', fromName: 'Möten' });
const context = { store, secret: Buffer.alloc(32, 7), publicUrl: () => 'https://meet.example.org' };
const worker = new OutboxWorker({
  store,
  deliver: deliverNotices(context, { mailer, sms: null, from: 'meeting@example.org' }),
});
worker.start();
for (const invitationId of invitationIds) {
  const id = randomUUID();
  await store.transaction((tx) =>
    tx.outbox.enqueue({
      id,
      channel: 'email',
      recipient: `${id}@example.org`,
      content: { kind: 'invitation' },
      meetingId,
      invitationId,
      createdAt: Date.now(),
    }),
  );
  // Said only when it is kept.
  process.send?.(id);
  worker.wake();
}

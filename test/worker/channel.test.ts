import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import t from 'tap';
import { Channel } from '#src/worker/channel.js';
import { type MessageToThread } from '#src/worker/messages.js';

function pair(tap: { teardown(fn: () => void): void }) {
  const { port1, port2 } = new MessageChannel();
  const channel = new Channel(port1, {
    revive: ({ name, message }) => Object.assign(new Error(message), { name }),
    closed: (method) => new Error(`closed: ${method}`),
  });
  const received: MessageToThread[] = [];
  port2.on('message', (message: MessageToThread) => received.push(message));
  tap.teardown(() => port1.close());
  const nextMessage = async (): Promise<void> => void (await once(port2, 'message'));
  return { channel, port1, port2, received, nextMessage };
}

void t.test('answers find their requests in any order', async (t) => {
  const { channel, port2, received, nextMessage } = pair(t);
  const first = channel.request('router.dump', { id: 'a' });
  const second = channel.request('worker.createRouter', { id: '' }, { routerId: 'r' });
  while (received.length < 2) await nextMessage();
  t.match(received, [
    { kind: 'request', method: 'router.dump', target: { id: 'a' } },
    { kind: 'request', method: 'worker.createRouter', data: { routerId: 'r' } },
  ]);
  const [one, two] = received as { id: number }[];
  port2.postMessage({ kind: 'response', id: two.id });
  port2.postMessage({ kind: 'response', id: one.id, data: { id: 'a' } });
  t.same(await Promise.all([first, second]), [{ id: 'a' }, undefined]);
});

void t.test('an error is revived by the layer above', async (t) => {
  const { channel, port2, received, nextMessage } = pair(t);
  const request = channel.request('transport.getStats', { id: 'x' });
  await nextMessage();
  const { id } = received[0] as { id: number };
  port2.postMessage({ kind: 'response', id, error: { name: 'NotFoundError', message: 'gone' } });
  await t.rejects(request, { name: 'NotFoundError', message: 'gone' });
});

void t.test('close rejects what is pending and what comes later; a second close does nothing', async (t) => {
  const { channel, received, nextMessage, port2 } = pair(t);
  const pending = channel.request('producer.pause', { id: 'p', transportId: 't' });
  await nextMessage();
  channel.close();
  channel.close();
  await t.rejects(pending, { message: 'closed: producer.pause' });
  await t.rejects(channel.request('worker.dump', { id: '' }), { message: 'closed: worker.dump' });
  channel.command('router.close', { id: 'r' });
  // Messages keep their order, so a command would have arrived before this probe.
  const probe = new MessageChannel();
  probe.port2.postMessage('probe');
  await once(probe.port1, 'message');
  probe.port1.close();
  t.equal(received.length, 1);
  port2.close();
});

void t.test('a notification right behind an answer reaches who subscribes after the await', async (t) => {
  const { channel, port2, received, nextMessage } = pair(t);
  const events: unknown[] = [];
  const made = (async () => {
    await channel.request('transport.produce', { id: 't' }, {} as never);
    await Promise.resolve();
    channel.subscribe('p', (event, data) => events.push([event, data]));
  })();
  await nextMessage();
  const { id } = received[0] as { id: number };
  port2.postMessage({ kind: 'response', id });
  port2.postMessage({ kind: 'notification', targetId: 'p', event: 'score', data: [1] });
  port2.postMessage({ kind: 'notification', targetId: 'other', event: 'score', data: [2] });
  const last = channel.request('worker.dump', { id: '' });
  await nextMessage();
  port2.postMessage({ kind: 'response', id: (received[1] as { id: number }).id });
  await Promise.all([made, last]);
  t.same(events, [['score', [1]]]);
  channel.unsubscribe('p');
  t.same(channel.notificationTargets, []);
});

void t.test('what cannot be cloned fails at once and leaves nothing pending', async (t) => {
  const { channel } = pair(t);
  const bad = { routerId: (() => 'no') as unknown as string };
  await t.rejects(channel.request('worker.createRouter', { id: '' }, bad), { name: 'DataCloneError' });
});

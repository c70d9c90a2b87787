/** Messages that the server passes on without looking into them, and raised hands. */
import t from 'tap';
import { CloseCode, MAX_PAYLOAD_BYTES } from '#src/signalling/protocol.js';
import { startGateway, TestClient } from './test-client.js';

t.test('to everybody else, or to some, and never back', async (t) => {
  const { url } = await startGateway(t);
  const [anna, bo, cleo] = [
    await TestClient.join(t, url),
    await TestClient.join(t, url),
    await TestClient.join(t, url),
  ];
  const other = await TestClient.join(t, url, { room: 'other' });
  t.strictSame(await anna.client.request('message', { topic: 'chat', payload: 'hej' }), { recipients: 2 });
  for (const { client } of [bo, cleo]) {
    const expected = { from: anna.joined.peerId, topic: 'chat', payload: 'hej' };
    t.strictSame(await client.notification('message'), expected);
  }
  const to = [cleo, cleo, anna, other].map(({ joined }) => joined.peerId).concat('gone');
  t.strictSame(await anna.client.request('message', { topic: 'key', payload: 'x', to }), { recipients: 1 });
  t.match(await cleo.client.notification('message'), { topic: 'key' });
  t.strictSame(await anna.client.request('message', { topic: 'key', payload: 'x', to: [] }), {
    recipients: 0,
  });
  for (const { client } of [anna, bo, other]) {
    await client.request('ping', {});
    t.notOk(client.pendingNotifications().includes('message'));
  }
});

t.test('nothing from somebody who has not joined, or has left', async (t) => {
  const { url } = await startGateway(t);
  const inside = await TestClient.join(t, url);
  const outside = await TestClient.open(t, url);
  const to = [inside.joined.peerId];
  await t.rejects(outside.request('message', { topic: 'chat', payload: 'x', to }), /^not-joined/);
  await t.rejects(outside.request('raiseHand', { raised: true }), /^not-joined/);
  const left = await TestClient.join(t, url);
  await left.client.request('leave', {});
  await t.rejects(left.client.request('message', { topic: 'chat', payload: 'x', to }), /^not-joined/);
  await inside.client.request('ping', {});
  t.notOk(inside.client.pendingNotifications().includes('message'));
});

t.test(
  'the largest payload arrives whole, a larger one is refused, a giant one ends the socket',
  async (t) => {
    const { url } = await startGateway(t);
    const anna = await TestClient.join(t, url);
    const bo = await TestClient.join(t, url);
    const send = (payload: string, topic = 'file') => anna.client.request('message', { topic, payload });
    const payload = 'å'.repeat(MAX_PAYLOAD_BYTES / 2);
    await send(payload);
    t.equal((await bo.client.notification('message')).payload, payload);
    await t.rejects(send(payload + 'x'), /^bad-request: data.payload must be a string of 1 to 49152 bytes/);
    await t.rejects(send(''), /^bad-request: data.payload/);
    await t.rejects(send('x', ''), /^bad-request: data.topic/);
    await t.rejects(send('x', 'x'.repeat(33)), /^bad-request: data.topic/);
    const left = bo.client.notification('peerLeft');
    await t.rejects(send('x'.repeat(70_000)));
    t.strictSame(await anna.client.closed, { code: CloseCode.TooBig, reason: 'message-too-big' });
    t.match(await left, { reason: 'kicked' });
  },
);

t.test('a flood of large messages runs into a limit of its own, across resumes', async (t) => {
  const limits = { relayBytesPerSecond: 0.001, relayBurstBytes: 100_000 };
  const { url } = await startGateway(t, { limits });
  const anna = await TestClient.join(t, url);
  const bo = await TestClient.join(t, url);
  const payload = 'x'.repeat(40_000);
  const send = (from: typeof anna) => from.client.request('message', { topic: 'chat', payload });
  await send(anna);
  await send(anna);
  await t.rejects(send(anna), /^limit-reached: more than .* wait a little/);
  anna.client.socket.terminate();
  await anna.client.closed;
  const again = await TestClient.join(t, url, { resumeToken: anna.joined.resumeToken });
  await t.rejects(send(again), /^limit-reached/);
  await send(bo);
  await bo.client.request('ping', {});
  t.equal(bo.client.pendingNotifications().filter((name) => name === 'message').length, 2);
});

t.test('a flood of messages closes the socket', async (t) => {
  const { url } = await startGateway(t, { limits: { messageBurst: 50 } });
  const bad = await TestClient.join(t, url);
  for (let id = 100; id < 600; id++) {
    bad.client.send({ id, request: 'message', data: { topic: 't', payload: 'x' } });
  }
  t.strictSame(await bad.client.closed, { code: CloseCode.Policy, reason: 'rate-limited' });
});

t.test('what was sent while the connection was lost comes after the resume, up to a bound', async (t) => {
  const { url, http } = await startGateway(t, { limits: { maxMissedBytes: 10 } });
  const anna = await TestClient.join(t, url);
  const bo = await TestClient.join(t, url);
  bo.client.socket.terminate();
  await bo.client.closed;
  // The server may hear of it later than this side.
  const metrics = async (): Promise<string> => (await fetch(`${http}/metrics`)).text();
  while (!/^sluss_peers_detached 1$/m.test(await metrics()));
  for (const payload of ['1111', '2222', '3333'])
    await anna.client.request('message', { topic: 'chat', payload });
  const again = await TestClient.join(t, url, { resumeToken: bo.joined.resumeToken });
  t.equal(again.joined.resumed, true);
  t.match(await again.client.notification('message'), { payload: '2222' }, 'the oldest are dropped');
  t.match(await again.client.notification('message'), { payload: '3333' });
  await again.client.request('ping', {});
  t.notOk(again.client.pendingNotifications().includes('message'));
});

t.test('hands: the same order for everybody, also for who comes later or back', async (t) => {
  const { url } = await startGateway(t);
  const anna = await TestClient.join(t, url);
  const bo = await TestClient.join(t, url);
  const hand = (who: typeof anna, raised: boolean) => who.client.request('raiseHand', { raised });
  const { at: first } = await hand(bo, true);
  const { at: second } = await hand(anna, true);
  t.ok(first! < second!);
  t.strictSame(await hand(bo, true), { at: first }, 'again changes nothing');
  t.strictSame(await anna.client.notification('handRaised'), { peerId: bo.joined.peerId, at: first });
  t.strictSame(await bo.client.notification('handRaised'), { peerId: anna.joined.peerId, at: second });
  const cleo = await TestClient.join(t, url);
  t.strictSame(
    cleo.joined.peers.map(({ handRaisedAt }) => handRaisedAt),
    [second, first],
  );
  bo.client.socket.terminate();
  await bo.client.closed;
  const again = await TestClient.join(t, url, { resumeToken: bo.joined.resumeToken });
  t.equal(again.joined.handRaisedAt, first);
  t.strictSame(await hand({ ...bo, client: again.client }, false), { at: null });
  t.strictSame(await cleo.client.notification('handRaised'), { peerId: bo.joined.peerId, at: null });
  t.strictSame(await hand({ ...bo, client: again.client }, false), { at: null });
  const { at: third } = await hand({ ...bo, client: again.client }, true);
  t.ok(third! > second!, 'at the end of the line');
});

import t from 'tap';
import { SharedNotification } from '#src/gateway/shared-notification.js';
import { CLIENT_DECODE_LIMITS, decodeFrame } from '#src/signalling/codec.js';
import { SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK } from '#src/signalling/protocol.js';
import { startGateway, TestClient } from './test-client.js';

t.test('encoded once for each subprotocol', (t) => {
  const data = { peerId: 'p', displayName: 'Zoë' };
  const message = SharedNotification.of('peerJoined', data);
  const [packed, text] = [message.frame(SUBPROTOCOL_MSGPACK), message.frame(SUBPROTOCOL_JSON)];
  t.equal(message.frame(SUBPROTOCOL_MSGPACK), packed);
  t.equal(message.frame(SUBPROTOCOL_JSON), text);
  const value = { notification: 'peerJoined', data };
  t.same(decodeFrame(SUBPROTOCOL_MSGPACK, packed, CLIENT_DECODE_LIMITS), { ok: true, value });
  const asString = Buffer.from(text).toString('utf8');
  t.same(decodeFrame(SUBPROTOCOL_JSON, asString, CLIENT_DECODE_LIMITS), { ok: true, value });
  t.end();
});

t.test('people of both subprotocols in one room, each in their own form', async (t) => {
  const { url } = await startGateway(t);
  const clients = [
    await TestClient.open(t, url, { protocol: SUBPROTOCOL_JSON }),
    await TestClient.open(t, url, { protocol: SUBPROTOCOL_MSGPACK }),
  ];
  for (const client of clients) {
    t.ok((await client.notification('welcome')).routerRtpCapabilities.codecs!.length > 0);
    await client.request('join', { room: 'lobby', displayName: 'Anna' });
  }
  const { joined } = await TestClient.join(t, url, { displayName: 'Zoë' });
  await clients[0].notification('peerJoined');
  for (const client of clients) {
    t.strictSame(await client.notification('peerJoined'), { peerId: joined.peerId, displayName: 'Zoë' });
  }
});

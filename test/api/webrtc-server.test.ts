import t from 'tap';
import { localWorker } from './support/local-worker.js';
import { listenInfo, mediaCodecs } from './support/parameters.js';

void t.test('createWebRtcServer: observer events, transports handled and let go', async (t) => {
  const { worker } = localWorker(t);
  const events: unknown[] = [];
  worker.observer.on('newwebrtcserver', (server) => events.push(['new', server.id]));
  const server = await worker.createWebRtcServer({ listenInfos: [listenInfo], appData: { node: 1 } });
  server.observer.on('webrtctransporthandled', (transport) => events.push(['handled', transport.id]));
  server.observer.on('webrtctransportunhandled', (transport) => events.push(['unhandled', transport.id]));
  t.same(server.appData, { node: 1 });
  server.appData = { node: 2 };
  t.same(server.appData, { node: 2 });

  const router = await worker.createRouter({ mediaCodecs });
  const { id } = await router.createWebRtcTransport({ webRtcServer: server });
  const second = await router.createWebRtcTransport({ webRtcServer: server });
  t.match(await server.dump(), { id: server.id, webRtcTransportIds: [id, second.id] });
  second.close();
  t.match(await server.dump(), { webRtcTransportIds: [id] });
  t.same(events, [
    ['new', server.id],
    ['handled', id],
    ['handled', second.id],
    ['unhandled', second.id],
  ]);
});

void t.test('createWebRtcServer refuses malformed options by name', async (t) => {
  const { worker } = localWorker(t);
  const refuse = async (options: unknown, error: { name: string; message: RegExp }): Promise<void> =>
    void (await t.rejects(worker.createWebRtcServer(options as never), error));
  await refuse({}, { name: 'TypeError', message: /listenInfos/ });
  await refuse({ listenInfos: [] }, { name: 'TypeError', message: /listenInfos/ });
  await refuse(
    { listenInfos: [{ ip: '127.0.0.1' }] },
    { name: 'TypeError', message: /protocol.*listenInfos\[0\]/ },
  );
  await refuse({ listenInfos: [listenInfo], appData: 1 }, { name: 'TypeError', message: /appData/ });
  const tcp = { protocol: 'tcp', ip: '127.0.0.1' };
  await refuse({ listenInfos: [tcp] }, { name: 'UnsupportedError', message: /TCP alone/ });
  const server = await worker.createWebRtcServer({ listenInfos: [listenInfo, tcp as typeof listenInfo] });
  t.ok(server.id, 'TCP beside UDP is left out');
});

import t, { type Test } from 'tap';
import { DatagramKind } from '#src/rtp/demux.js';
import { DtlsCertificate } from '#src/transport/dtls/dtls-certificate.js';
import { WebRtcServerPort } from '#src/transport/webrtc-server-port.js';
import { WebRtcTransport } from '#src/transport/webrtc-transport.js';
import { buildRtp } from '../support/rtp-builder.js';
import { opusReceiver, opusSender } from '../support/virtual-room.js';
import { Bench, Browser } from './support.js';

const certificate = await DtlsCertificate.generate();
const listenInfos = [{ protocol: 'udp' as const, ip: '127.0.0.1' }];

async function create(
  t: Test,
  bench: Bench,
  id: string,
  server?: WebRtcServerPort,
  iceConsentTimeout = 30,
): Promise<WebRtcTransport> {
  const transport = await WebRtcTransport.create({
    id,
    router: bench.router,
    context: bench.context,
    certificate,
    server,
    listenInfos: server === undefined ? listenInfos : undefined,
    iceConsentTimeout,
    initialAvailableOutgoingBitrate: 600_000,
  });
  t.teardown(() => transport.close());
  return transport;
}

async function browserOf(t: Test, transport: WebRtcTransport): Promise<Browser> {
  return Browser.open(t, transport.describe().iceCandidates[0].port);
}

function drops(transport: WebRtcTransport): Record<string, number> {
  return (transport.dump() as { drops: Record<string, number> }).drops;
}

/** Through ICE and DTLS. */
async function established(t: Test, transport: WebRtcTransport): Promise<Browser> {
  const browser = await browserOf(t, transport);
  transport.connect({ role: 'client', fingerprints: browser.fingerprints });
  await browser.check(transport.describe().iceParameters);
  await browser.connect();
  return browser;
}

const audio = (sequenceNumber: number): Uint8Array =>
  buildRtp({
    payloadType: 111,
    sequenceNumber,
    timestamp: sequenceNumber * 960,
    ssrc: 2222,
    payload: new Uint8Array(60).fill(sequenceNumber),
  });

t.test('two peers on one port: ICE, DTLS, and sound from one to the other', async (t) => {
  const bench = new Bench();
  const server = await WebRtcServerPort.create({ id: 'server', listenInfos });
  t.teardown(() => server.close());
  const [a, b] = [await create(t, bench, 'a', server), await create(t, bench, 'b', server)];
  t.equal(a.describe().iceCandidates[0].port, b.describe().iceCandidates[0].port);
  const sender = await established(t, a);
  const receiver = await established(t, b);
  t.equal(a.describe().dtlsState, 'connected');
  t.equal(a.describe().iceState, 'completed');
  const { settings } = a.rtp.produce(bench.context.now(), audioProducer());
  b.rtp.consume(bench.context.now(), audioConsumer(settings.id));
  for (const n of [1, 2, 3]) sender.sendRtp(audio(n));
  await receiver.until(() => receiver.count(DatagramKind.Rtp) === 3);
  t.same(
    receiver.rtp().map((packet) => packet.at(-1)),
    [1, 2, 3],
    'encrypted with their own keys on each side',
  );
  const [stats] = b.getStats(bench.context.now()) as { rtpBytesSent: number; dtlsState: string }[];
  t.ok(stats.rtpBytesSent > 180);
  t.same(
    bench.events('dtlsstatechange').map((event) => (event as { dtlsState: string }).dtlsState),
    ['connecting', 'connected', 'connecting', 'connected'],
  );
});

t.test('DTLS from an address that ICE has not validated is not heard', async (t) => {
  const bench = new Bench();
  const transport = await create(t, bench, 'a');
  const owner = await browserOf(t, transport);
  const racer = await browserOf(t, transport);
  transport.connect({ role: 'client', fingerprints: owner.fingerprints });
  racer.connect().catch(() => {});
  await bench.until(() => ownSocketDrops(transport)['unknown-tuple'] > 0);
  t.equal(transport.describe().dtlsState, 'new');
  t.equal(racer.received.length, 0, 'no answer at all');
  await owner.check(transport.describe().iceParameters);
  await owner.connect();
  t.equal(transport.describe().dtlsState, 'connected');
});

t.test('a client with another certificate than announced gets no media', async (t) => {
  const bench = new Bench();
  const transport = await create(t, bench, 'a');
  const browser = await browserOf(t, transport);
  const { fingerprints } = await DtlsCertificate.generate();
  transport.connect({ role: 'client', fingerprints });
  await browser.check(transport.describe().iceParameters);
  browser.connect().catch(() => {});
  await bench.until(() => transport.describe().dtlsState === 'failed');
  t.equal(drops(transport)['dtls-fingerprint-mismatch'], 1);
  t.equal(transport.rtpDestination, null);
  t.equal(transport.srtpSender, null);
});

t.test('a hello that comes before connect() is kept for it', async (t) => {
  const bench = new Bench();
  const transport = await create(t, bench, 'a');
  const browser = await browserOf(t, transport);
  await browser.check(transport.describe().iceParameters);
  const connected = browser.connect();
  await bench.until(() => received(transport) > 1);
  transport.connect({ role: 'client', fingerprints: browser.fingerprints });
  await connected;
  t.equal(transport.describe().dtlsState, 'connected');
});

t.test('consent: silence closes the path, a new check opens it again', async (t) => {
  const bench = new Bench();
  const transport = await create(t, bench, 'a', undefined, 30);
  const browser = await established(t, transport);
  t.not(transport.rtpDestination, null);
  bench.skip(20_000);
  await browser.check(transport.describe().iceParameters);
  bench.skip(20_000);
  t.equal(transport.describe().iceState, 'completed', 'each check renews it');
  bench.skip(11_000);
  t.equal(transport.describe().iceState, 'disconnected');
  t.equal(transport.rtpDestination, null, 'nothing more is sent to that address');
  await browser.check(transport.describe().iceParameters);
  t.not(transport.rtpDestination, null);
  t.equal(transport.describe().dtlsState, 'connected', 'with the keys it had');
});

t.test('ICE restart: new credentials, the media path goes on', async (t) => {
  const bench = new Bench();
  const transport = await create(t, bench, 'a');
  const browser = await established(t, transport);
  const old = transport.describe().iceParameters;
  const fresh = transport.restartIce();
  t.not(fresh.usernameFragment, old.usernameFragment);
  t.not(transport.rtpDestination, null);
  const elsewhere = await browserOf(t, transport);
  await elsewhere.check(fresh);
  t.equal((transport.rtpDestination as unknown as { port: number }).port, elsewhere.socket.address().port);
  const stunBefore = browser.count(DatagramKind.Stun);
  browser.send(Buffer.from('stale'));
  const { bindingRequest } = await import('./ice/binding-request.js');
  browser.send(bindingRequest({ ...old }));
  await bench.until(() => (drops(transport)['stun-unknown-ufrag'] ?? 0) > 0);
  t.equal(browser.count(DatagramKind.Stun), stunBefore, 'the old ones are over once the new ones are in use');
});

t.test('media that is not authentic is counted and changes nothing', async (t) => {
  const bench = new Bench();
  const transport = await create(t, bench, 'a');
  const browser = await established(t, transport);
  transport.rtp.produce(bench.context.now(), audioProducer());
  const forged = new Uint8Array(100);
  forged.set(audio(1));
  browser.send(forged);
  const random = Uint8Array.from({ length: 60 }, (_, n) => (n === 0 ? 0x80 : n === 1 ? 200 : n));
  browser.send(random);
  await bench.until(() => (drops(transport)['srtp-auth'] ?? 0) + (drops(transport)['srtcp-auth'] ?? 0) === 2);
  browser.sendRtp(audio(2));
  await bench.until(() => transport.rtp.producers.get('p')?.encodings[0].stream !== null);
  t.equal(transport.rtp.producers.get('p')?.encodings[0].stream?.packetCount, 1);
});

t.test('close() leaves nothing behind', async (t) => {
  const bench = new Bench();
  const server = await WebRtcServerPort.create({ id: 'server', listenInfos });
  t.teardown(() => server.close());
  const transport = await create(t, bench, 'a', server);
  await established(t, transport);
  transport.rtp.produce(bench.context.now(), audioProducer());
  transport.close();
  transport.close();
  const dump = server.dump() as { localIceUsernameFragments: object[]; udpSockets: { tuples: number }[] };
  t.same(dump.localIceUsernameFragments, []);
  t.equal(dump.udpSockets[0].tuples, 0);
  t.equal(bench.context.core.timers.size, 0);
});

t.test('a remote that wants to be the DTLS server, and a second connect()', async (t) => {
  const bench = new Bench();
  const transport = await create(t, bench, 'a');
  const { fingerprints } = certificate;
  t.throws(() => transport.connect({ role: 'server', fingerprints }), TypeError);
  transport.connect({ role: 'client', fingerprints });
  t.throws(() => transport.connect({ role: 'client', fingerprints }), /already/);
});

function audioProducer(): Parameters<WebRtcTransport['rtp']['produce']>[1] {
  return {
    id: 'p',
    kind: 'audio',
    type: 'simple',
    rtpParameters: opusSender(2222),
    rtpMapping: {
      codecs: [{ payloadType: 111, mappedPayloadType: 112 }],
      encodings: [{ ssrc: 2222, mappedSsrc: 1 }],
    },
    keyFrameRequestDelay: 0,
    paused: false,
  };
}

function audioConsumer(producerId: string): Parameters<WebRtcTransport['rtp']['consume']>[1] {
  return {
    id: 'c',
    producerId,
    kind: 'audio',
    type: 'simple',
    rtpParameters: opusReceiver(6000),
    consumableRtpEncodings: [],
    paused: false,
    ignoreDtx: false,
  };
}

function ownSocketDrops(transport: WebRtcTransport): Record<string, number> {
  return (transport.dump() as { ownSockets: { drops: Record<string, number> } }).ownSockets.drops;
}

function received(transport: WebRtcTransport): number {
  const { ownSockets } = transport.dump() as { ownSockets: { udpSockets: { datagramsReceived: number }[] } };
  return ownSockets.udpSockets[0].datagramsReceived;
}

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { fromSrtpParameters } from '#src/srtp/srtp-keying.js';
import { SrtpReceiver } from '#src/srtp/srtp-receiver.js';
import { SrtpSender } from '#src/srtp/srtp-sender.js';
import { PlainTransport, type PlainTransportOptions } from '#src/transport/plain-transport.js';
import { buildRtp } from '../support/rtp-builder.js';
import { opusReceiver, opusSender } from '../support/virtual-room.js';
import { Bench } from './support.js';

async function create(
  t: Test,
  bench: Bench,
  id: string,
  options: Partial<PlainTransportOptions>,
): Promise<PlainTransport> {
  const transport = await PlainTransport.create({
    id,
    router: bench.router,
    context: bench.context,
    listenInfo: { protocol: 'udp', ip: '127.0.0.1' },
    rtcpMux: true,
    comedia: false,
    enableSrtp: false,
    srtpCryptoSuite: 'AES_CM_128_HMAC_SHA1_80',
    ...options,
  });
  t.teardown(() => transport.close());
  return transport;
}

async function socketOf(t: Test): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  return socket;
}

const audio = (sequenceNumber: number): Uint8Array =>
  buildRtp({
    payloadType: 111,
    sequenceNumber,
    timestamp: sequenceNumber * 960,
    ssrc: 2222,
    payload: new Uint8Array(60).fill(sequenceNumber),
  });

function produce(bench: Bench, transport: PlainTransport): void {
  transport.rtp.produce(bench.context.now(), {
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
  });
}

function consume(bench: Bench, transport: PlainTransport): void {
  transport.rtp.consume(bench.context.now(), {
    id: 'c',
    producerId: 'p',
    kind: 'audio',
    type: 'simple',
    rtpParameters: opusReceiver(6000),
    consumableRtpEncodings: [],
    paused: false,
    ignoreDtx: false,
  });
}

function drops(transport: PlainTransport): Record<string, number> {
  return (transport.dump() as { drops: Record<string, number> }).drops;
}

t.test('comedia: the first sender is the remote side, and stays it', async (t) => {
  const bench = new Bench();
  const source = await create(t, bench, 'source', { comedia: true });
  produce(bench, source);
  const sink = await create(t, bench, 'sink', {});
  const [sender, stranger, receiver] = [await socketOf(t), await socketOf(t), await socketOf(t)];
  sink.connect({ ip: '127.0.0.1', port: receiver.address().port });
  consume(bench, sink);
  const { localPort } = source.describe().tuple;
  const arrived = once(receiver, 'message');
  sender.send(audio(1), localPort, '127.0.0.1');
  const [packet] = (await arrived) as [Buffer];
  t.equal(packet.at(-1), 1);
  t.equal(packet[1] & 0x7f, 112);
  t.equal(source.describe().tuple.remotePort, sender.address().port);
  t.equal(
    (bench.events('tuple') as { tuple: { remotePort: number } }[])[0].tuple.remotePort,
    sender.address().port,
  );
  const next = once(receiver, 'message');
  stranger.send(audio(2), localPort, '127.0.0.1');
  sender.send(audio(3), localPort, '127.0.0.1');
  t.equal(((await next) as [Buffer])[0].at(-1), 3, 'nothing of the stranger');
  t.equal(source.describe().tuple.remotePort, sender.address().port);
});

t.test('SRTP both ways, and comedia learns only from what is authentic', async (t) => {
  for (const srtpCryptoSuite of ['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'] as const) {
    const bench = new Bench();
    const transport = await create(t, bench, 'a', { comedia: true, enableSrtp: true, srtpCryptoSuite });
    const peer = await create(t, bench, 'b', { enableSrtp: true, srtpCryptoSuite });
    produce(bench, transport);
    const ours = transport.describe().srtpParameters!;
    // The other side of each: its key for what it sends is what connect() is told.
    const keyBase64 = Buffer.alloc(
      ours.keyBase64 ? Buffer.from(ours.keyBase64, 'base64').length : 0,
      9,
    ).toString('base64');
    const theirs = { cryptoSuite: srtpCryptoSuite, keyBase64 };
    transport.connect({ srtpParameters: theirs });
    const [sender, stranger, receiver] = [await socketOf(t), await socketOf(t), await socketOf(t)];
    peer.connect({ ip: '127.0.0.1', port: receiver.address().port, srtpParameters: theirs });
    consume(bench, peer);
    const { localPort } = transport.describe().tuple;
    stranger.send(audio(1), localPort, '127.0.0.1');
    await bench.until(() => (drops(transport)['srtp-auth'] ?? 0) === 1);
    t.equal(transport.describe().tuple.remotePort, undefined, 'a stranger is not learnt');
    const out = new Uint8Array(200);
    out.set(audio(1));
    const length = new SrtpSender(fromSrtpParameters(theirs)).protectRtp(out, 0, audio(1).length);
    const arrived = once(receiver, 'message');
    sender.send(out.subarray(0, length), localPort, '127.0.0.1');
    const [packet] = (await arrived) as [Buffer];
    t.equal(transport.describe().tuple.remotePort, sender.address().port);
    const size = new SrtpReceiver(fromSrtpParameters(peer.describe().srtpParameters!)).unprotectRtp(
      packet,
      0,
      packet.length,
    );
    t.ok(size > 0, srtpCryptoSuite);
    t.equal(packet[size - 1], 1);
  }
});

t.test('RTCP on its own port', async (t) => {
  const bench = new Bench();
  const transport = await create(t, bench, 'a', { rtcpMux: false });
  const [rtp, rtcp] = [await socketOf(t), await socketOf(t)];
  transport.connect({ ip: '127.0.0.1', port: rtp.address().port, rtcpPort: rtcp.address().port });
  produce(bench, transport);
  const reported = once(rtcp, 'message');
  const { tuple, rtcpTuple } = transport.describe();
  rtp.send(audio(1), tuple.localPort, '127.0.0.1');
  await bench.until(() => transport.rtp.producers.get('p')?.encodings[0].stream !== null);
  bench.skip(1500);
  const [report] = (await reported) as [Buffer];
  t.equal(report[1], 201, 'a receiver report');
  rtcp.send(audio(2), rtcpTuple!.localPort, '127.0.0.1');
  await bench.until(() => drops(transport)['unknown-datagram'] === 1);
});

t.test('connect() says what is wrong', async (t) => {
  const bench = new Bench();
  const plain = await create(t, bench, 'a', {});
  t.throws(() => plain.connect({ port: 5 }), { name: 'TypeError', message: /missing ip/ });
  t.throws(() => plain.connect({ ip: '127.0.0.1' }), { name: 'TypeError', message: /missing port/ });
  t.throws(() => plain.connect({ ip: '127.0.0.1', port: 5, rtcpPort: 6 }), { message: /rtcpPort/ });
  t.throws(() => plain.connect({ ip: 'example', port: 5 }), { name: 'TypeError' });
  plain.connect({ ip: '127.0.0.1', port: 5 });
  t.throws(() => plain.connect({ ip: '127.0.0.1', port: 5 }), /already/);
  const comedia = await create(t, bench, 'b', { comedia: true });
  t.throws(() => comedia.connect({ ip: '127.0.0.1', port: 5 }), { message: /comedia/ });
  const srtp = await create(t, bench, 'c', { enableSrtp: true });
  t.throws(() => srtp.connect({ ip: '127.0.0.1', port: 5 }), { message: /srtpParameters/ });
  const wrong = { cryptoSuite: 'AEAD_AES_128_GCM' as const, keyBase64: 'AAAA' };
  t.throws(() => srtp.connect({ ip: '127.0.0.1', port: 5, srtpParameters: wrong }), {
    message: /cryptoSuite/,
  });
});

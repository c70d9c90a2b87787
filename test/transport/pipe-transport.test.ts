import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { Router } from '#src/router/router.js';
import { PipeTransport, type PipeTransportOptions } from '#src/transport/pipe-transport.js';
import { PlainTransport } from '#src/transport/plain-transport.js';
import { buildRtp } from '../support/rtp-builder.js';
import { opusReceiver, opusSender } from '../support/virtual-room.js';
import { Bench } from './support.js';

async function create(
  t: Test,
  bench: Bench,
  id: string,
  options: Partial<PipeTransportOptions> = {},
): Promise<PipeTransport> {
  const transport = await PipeTransport.create({
    id,
    router: bench.router,
    context: bench.context,
    listenInfo: { protocol: 'udp', ip: '127.0.0.1' },
    enableRtx: false,
    enableSrtp: false,
    ...options,
  });
  t.teardown(() => transport.close());
  return transport;
}

/** Connects two of them. */
function join(one: PipeTransport, other: PipeTransport): void {
  for (const [end, { tuple, srtpParameters }] of [
    [one, other.describe()],
    [other, one.describe()],
  ] as const) {
    end.connect({ ip: tuple.localAddress, port: tuple.localPort, srtpParameters });
  }
}

async function socketOf(t: Test): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  return socket;
}

async function plain(t: Test, bench: Bench, id: string, comedia: boolean): Promise<PlainTransport> {
  const transport = await PlainTransport.create({
    id,
    router: bench.router,
    context: bench.context,
    listenInfo: { protocol: 'udp', ip: '127.0.0.1' },
    rtcpMux: true,
    comedia,
    enableSrtp: false,
    srtpCryptoSuite: 'AES_CM_128_HMAC_SHA1_80',
  });
  t.teardown(() => transport.close());
  return transport;
}

const audio = (sequenceNumber: number): Uint8Array =>
  buildRtp({
    payloadType: 111,
    sequenceNumber,
    timestamp: sequenceNumber * 960,
    ssrc: 2222,
    payload: new Uint8Array(60).fill(sequenceNumber),
  });

const pipeParameters = { ...opusReceiver(6000), mid: undefined, headerExtensions: [] };

t.test('from router to router, in the clear and encrypted, with reports the other way', async (t) => {
  for (const enableSrtp of [false, true]) {
    const [near, far] = [new Bench(), new Bench()];
    const out = await create(t, near, 'out', { enableSrtp });
    const into = await create(t, far, 'in', { enableSrtp });
    join(out, into);
    const source = await plain(t, near, 'source', true);
    source.rtp.produce(near.context.now(), {
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
    out.rtp.consumeAll(near.context.now(), {
      id: 'pipe',
      producerId: 'p',
      kind: 'audio',
      type: 'pipe',
      rtpParameters: pipeParameters,
      consumableRtpEncodings: [],
      paused: false,
      ignoreDtx: false,
    });
    into.rtp.produce(far.context.now(), {
      id: 'p',
      kind: 'audio',
      type: 'simple',
      rtpParameters: pipeParameters,
      rtpMapping: {
        codecs: [{ payloadType: 112, mappedPayloadType: 112 }],
        encodings: [{ ssrc: 6000, mappedSsrc: 1 }],
      },
      keyFrameRequestDelay: 0,
      paused: false,
    });
    const sink = await plain(t, far, 'sink', false);
    const [sender, receiver] = [await socketOf(t), await socketOf(t)];
    sink.connect({ ip: '127.0.0.1', port: receiver.address().port });
    sink.rtp.consume(far.context.now(), {
      id: 'c',
      producerId: 'p',
      kind: 'audio',
      type: 'simple',
      rtpParameters: opusReceiver(8000),
      consumableRtpEncodings: [],
      paused: false,
      ignoreDtx: false,
    });
    const arrived = once(receiver, 'message');
    sender.send(audio(7), source.describe().tuple.localPort, '127.0.0.1');
    const [packet] = (await arrived) as [Buffer];
    t.equal(packet.at(-1), 7);
    t.equal(packet[1] & 0x7f, 112);

    const before = (out.getStats(0)[0] as { bytesReceived: number }).bytesReceived;
    far.skip(1500);
    await near.until(() => (out.getStats(0)[0] as { bytesReceived: number }).bytesReceived > before);
    for (const pipe of [out, into]) {
      const { drops } = pipe.dump() as { drops: Record<string, number> };
      t.same(
        Object.entries(drops).filter(([, count]) => count > 0),
        [],
      );
    }
  }
});

t.test('what it tells of itself', async (t) => {
  const bench = new Bench();
  const clear = await create(t, bench, 'clear');
  clear.connect({ ip: '127.0.0.1', port: 9 });
  const dump = clear.dump() as Record<string, unknown>;
  t.match(dump, { id: 'clear', type: 'pipe', rtx: false, tuple: { remotePort: 9 }, producerIds: [] });
  t.notOk('rtcpMux' in dump || 'comedia' in dump);
  const [stats] = clear.getStats(1000) as Record<string, unknown>[];
  t.match(stats, { type: 'pipe-transport', transportId: 'clear', tuple: { localAddress: '127.0.0.1' } });
  t.notOk('rtcpMux' in stats || 'comedia' in stats || 'rtcpTuple' in stats);

  const secret = await create(t, bench, 'secret', { enableSrtp: true, enableRtx: true });
  t.match(secret.dump(), { rtx: true });
  const { srtpParameters } = secret.describe();
  t.equal(srtpParameters?.cryptoSuite, 'AEAD_AES_256_GCM');
  t.equal(srtpParameters?.keyBase64.length, 60, 'as long as the suite wants it');
});

t.test('limits are passed on, and the router closes it', async (t) => {
  const bench = new Bench();
  const router = new Router('another', bench.context.core);
  const pipe = await create(t, bench, 'pipe', { router });
  pipe.setMinOutgoingBitrate(100_000);
  pipe.setMaxOutgoingBitrate(2_000_000);
  pipe.setMaxIncomingBitrate(3_000_000);
  t.match(pipe.getStats(0), [{ minOutgoingBitrate: 100_000, maxOutgoingBitrate: 2_000_000 }]);
  t.equal(pipe.rtp.maxIncomingBitrate, 3_000_000);
  t.match(router.dump(), { transportIds: ['pipe'] });
  pipe.close();
  t.match(router.dump(), { transportIds: [] });
});

t.test('connect() says what is wrong', async (t) => {
  const bench = new Bench();
  const at = { ip: '127.0.0.1', port: 5 };
  const key = (bytes: number): string => Buffer.alloc(bytes, 9).toString('base64');
  const clear = await create(t, bench, 'a');
  t.throws(
    () => clear.connect({ ...at, srtpParameters: { cryptoSuite: 'AEAD_AES_256_GCM', keyBase64: key(44) } }),
    {
      name: 'TypeError',
      message: /srtpParameters/,
    },
  );
  clear.connect(at);
  t.throws(() => clear.connect(at), /already/);
  const secret = await create(t, bench, 'b', { enableSrtp: true });
  t.throws(() => secret.connect(at), { name: 'TypeError', message: /srtpParameters/ });
  for (const srtpParameters of [
    { cryptoSuite: 'AEAD_AES_128_GCM', keyBase64: key(28) } as const,
    { cryptoSuite: 'AEAD_AES_256_GCM', keyBase64: key(30) } as const,
  ]) {
    t.throws(() => secret.connect({ ...at, srtpParameters }), { name: 'TypeError' });
  }
  secret.connect({ ...at, srtpParameters: { cryptoSuite: 'AEAD_AES_256_GCM', keyBase64: key(44) } });
});

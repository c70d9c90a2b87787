import t from 'tap';
import {
  QualityMemory,
  rateConnection,
  rateTrack,
  worstOf,
  type ConnectionFigures,
  type QualityLevel,
  type TrackFigures,
} from '#src/client/connection-quality.js';
import { type ConnectionStats, StatsHistory, type StatsLook } from '#src/client/connection-stats.js';
import { StatsWatch } from '#src/client/stats-watch.js';
import { readInbound, readOutbound, readPath } from '#src/client/stats-reading.js';
import { startGateway } from '../gateway/test-client.js';
import { fakeTrack, joinPeer, until } from './test-room.js';

const fine: ConnectionFigures = { connected: true, receivesVideo: true, roundTripMs: 40, uplinkLoss: 0 };
const flowing: TrackFigures = { kind: 'video', live: true, packets: 100, forwarded: true };

t.test('each figure alone makes the connection fair or poor at its threshold', async (t) => {
  const cases: [Partial<ConnectionFigures>, string][] = [
    [{}, 'good'],
    [{ uplinkLoss: 0.029 }, 'good'],
    [{ uplinkLoss: 0.03 }, 'fair uplink-loss'],
    [{ downlinkLoss: 0.1 }, 'poor downlink-loss'],
    [{ roundTripMs: 300 }, 'fair delay'],
    [{ roundTripMs: 600 }, 'poor delay'],
    [{ downlinkBandwidth: 299_000 }, 'fair downlink-bandwidth'],
    [{ downlinkBandwidth: 119_000 }, 'poor downlink-bandwidth'],
    [{ downlinkBandwidth: 119_000, receivesVideo: false }, 'good'],
    [{ limitation: 'bandwidth' }, 'fair uplink-bandwidth'],
    [{ limitation: 'cpu' }, 'fair device'],
    [{ limitation: 'none' }, 'good'],
    [{ roundTripMs: 300, uplinkLoss: 0.2 }, 'poor uplink-loss delay'],
    [{ connected: false, uplinkLoss: 0.2 }, 'lost disconnected'],
  ];
  for (const [figures, expected] of cases) {
    const { level, reasons } = rateConnection({ ...fine, ...figures });
    t.equal([level, ...reasons].join(' '), expected);
  }
});

t.test('so do the figures of one track', async (t) => {
  const cases: [Partial<TrackFigures>, string][] = [
    [{}, 'good'],
    [{ live: false, packets: 0 }, 'good'],
    [{ packets: 0 }, 'lost silent'],
    [{ packets: undefined }, 'good'],
    [{ packets: 0, forwarded: false }, 'poor downlink-bandwidth'],
    [{ producerScore: 6 }, 'fair sender'],
    [{ producerScore: 3 }, 'poor sender'],
    [{ frozen: 0.02 }, 'fair frozen-picture'],
    [{ frozen: 0.3 }, 'poor frozen-picture'],
    [{ kind: 'audio', concealed: 0.09 }, 'poor broken-sound'],
    [{ kind: 'audio', frozen: 1 }, 'good'],
    [{ jitterMs: 50 }, 'fair jitter'],
    [{ loss: 0.5 }, 'poor downlink-loss'],
  ];
  for (const [figures, expected] of cases) {
    const { level, reasons } = rateTrack({ ...flowing, ...figures });
    t.equal([level, ...reasons].join(' '), expected);
  }
  t.strictSame(
    worstOf([
      rateTrack({ ...flowing, jitterMs: 50 }),
      rateTrack({ ...flowing, packets: 0 }),
      rateTrack(flowing),
    ]),
    { level: 'lost', reasons: ['silent', 'jitter'] },
  );
  t.strictSame(worstOf([]), { level: 'good', reasons: [] });
});

t.test('the mark gets worse at once and better at the second look', async (t) => {
  const memory = new QualityMemory();
  const shown = (level: QualityLevel): QualityLevel => memory.next({ level, reasons: [] }).level;
  const levels: QualityLevel[] = [
    'good',
    'poor',
    'good',
    'poor',
    'good',
    'good',
    'fair',
    'lost',
    'fair',
    'good',
    'good',
  ];
  t.strictSame(levels.map(shown), [
    'good',
    'poor',
    'poor',
    'poor',
    'poor',
    'good',
    'fair',
    'lost',
    'lost',
    'good',
    'good',
  ]);
});

/** As Chromium reports, shortened; `step` looks two seconds apart. */
function reports(step: number) {
  const timestamp = 1_000 + 2_000 * step;
  const map = (entries: object[]) => new Map(entries.map((entry) => [(entry as { id: string }).id, entry]));
  const receive = map([
    { id: 'T', type: 'transport', timestamp, selectedCandidatePairId: 'P' },
    { id: 'P', type: 'candidate-pair', timestamp, currentRoundTripTime: 0.05, availableOutgoingBitrate: 2e6 },
    { id: 'Q', type: 'candidate-pair', timestamp, currentRoundTripTime: 0.9 },
    { id: 'C', type: 'codec', timestamp, mimeType: 'video/VP8' },
    {
      ...{ id: 'V', type: 'inbound-rtp', kind: 'video', timestamp, ssrc: 11, codecId: 'C' },
      ...{ packetsReceived: 95 * step, packetsLost: 5 * step, bytesReceived: 250_000 * step, jitter: 0.01 },
      ...{
        framesDecoded: 50 * step,
        frameWidth: 640,
        frameHeight: 360,
        freezeCount: step,
        totalFreezesDuration: step,
      },
    },
    {
      ...{ id: 'A', type: 'inbound-rtp', kind: 'audio', timestamp, ssrc: 12, jitter: 0.002 },
      ...{ packetsReceived: 100 * step, packetsLost: 0, bytesReceived: 10_000 * step },
      ...{
        totalSamplesReceived: 96_000 * step,
        concealedSamples: 5_000 * step,
        silentConcealedSamples: 4_040 * step,
      },
    },
  ]);
  const send = map([
    {
      id: 'O0',
      type: 'outbound-rtp',
      timestamp,
      ssrc: 21,
      rid: 'r0',
      bytesSent: 50_000 * step,
      packetsSent: 90 * step,
      frameWidth: 320,
      frameHeight: 180,
      framesPerSecond: 15,
      active: true,
    },
    {
      id: 'O1',
      type: 'outbound-rtp',
      timestamp,
      ssrc: 22,
      rid: 'r1',
      bytesSent: 0,
      packetsSent: 0,
      active: false,
      qualityLimitationReason: 'bandwidth',
    },
    { id: 'R', type: 'remote-inbound-rtp', timestamp, localId: 'O0', packetsLost: 9 * step },
  ]);
  return { receive, send };
}

function lookAt(step: number): StatsLook {
  const { receive, send } = reports(step);
  const outbound = readOutbound(send);
  const person = { peerId: 'p', live: true, producerScore: 10 };
  return {
    connected: true,
    path: readPath(receive),
    downlinkBandwidth: 1_000_000,
    inbound: readInbound(receive),
    outbound,
    sent: [{ source: 'camera', ssrcs: [...outbound.keys()] }],
    received: [
      { ...person, id: 'v', source: 'camera', kind: 'video', ssrc: 11, layers: { spatialLayer: 1 } },
      { ...person, id: 'a', source: 'microphone', kind: 'audio', ssrc: 12, layers: undefined },
    ],
  };
}

t.test('two looks make rates', async (t) => {
  const history = new StatsHistory();
  const first = history.next(lookAt(1));
  t.equal(first.downlink.bitrate, undefined);
  t.equal(first.quality.level, 'good');
  t.equal(first.peers.get('p')?.level, 'good', 'nothing is known yet');
  const stats = history.next(lookAt(2));
  t.match(stats, {
    roundTripMs: 50,
    uplink: { bitrate: 200_000, loss: 0.1, available: 2e6 },
    downlink: { bitrate: 1_040_000, available: 1_000_000 },
    quality: { level: 'poor', reasons: ['uplink-loss'] },
  });
  t.ok(Math.abs(stats.downlink.loss! - 5 / 200) < 1e-9);
  t.match(stats.sent, [
    {
      source: 'camera',
      width: 320,
      height: 180,
      framesPerSecond: 15,
      encodings: { active: 1, all: 2 },
      loss: 0.1,
    },
  ]);
  t.match(stats.received.get('v'), {
    peerId: 'p',
    bitrate: 1_000_000,
    loss: 0.05,
    jitterMs: 10,
    framesPerSecond: 25,
    width: 640,
    height: 360,
    layers: { spatialLayer: 1 },
    freezeCount: 2,
    codec: 'VP8',
    quality: { level: 'poor', reasons: ['frozen-picture', 'downlink-loss'] },
  });
  t.match(stats.received.get('a'), { bitrate: 40_000, concealed: 0.01, quality: { level: 'good' } });
  t.equal(stats.peers.get('p')?.level, 'poor');

  const stopped = lookAt(2);
  for (const totals of stopped.inbound.values()) totals.at += 2_000;
  t.strictSame(history.next(stopped).peers.get('p'), { level: 'lost', reasons: ['silent'] });
  t.equal(history.next({ ...stopped, connected: false }).quality.level, 'lost');
});

t.test('a browser that works its way up is no trouble, one that stays limited is', async (t) => {
  const history = new StatsHistory();
  const limited = lookAt(1);
  limited.inbound.clear();
  limited.received = [];
  for (const stream of limited.outbound.values()) stream.active = true;
  const levels = Array.from({ length: 6 }, () => history.next(limited).quality);
  t.strictSame(
    levels.map(({ level }) => level),
    ['good', 'good', 'good', 'good', 'fair', 'fair'],
  );
  t.strictSame(levels[4].reasons, ['uplink-bandwidth']);
});

t.test('the client measures while somebody watches, and asks the server for its side', async (t) => {
  const { url, http } = await startGateway(t);
  const { client: anna } = await joinPeer(t, url);
  const { client: bo } = await joinPeer(t, url);
  await anna.publish(fakeTrack('video'), { source: 'camera' });
  await until(() => bo.peers.get(anna.peerId!)?.tracks.size === 1);
  const seen: string[] = [];
  const stop = bo.watchStats((stats) => {
    seen.push(`${stats.quality.level} ${stats.received.size} ${stats.peers.get(anna.peerId!)?.level}`);
  }, 20);
  await until(() => seen.length >= 2);
  // Fake transports carry nothing.
  t.strictSame(seen.slice(0, 2), ['good 1 good', 'good 1 lost']);
  stop();
  stop();
  const asked = async (): Promise<string> =>
    /request="getStats"} (\d+)/.exec(await (await fetch(`${http}/metrics`)).text())![1];
  const [before, { length }] = [await asked(), seen];
  // Longer than several looks would take.
  for (let n = 0; n < 20; n++) await bo.getServerStats(anna.peerId!).catch(() => []);
  t.equal(Number(await asked()), Number(before) + 20, 'nobody watches');
  t.equal(seen.length, length);
});

t.test('a stream whose first packets came since the last look is not lost', async (t) => {
  const history = new StatsHistory();
  const early = lookAt(1);
  early.inbound.clear();
  history.next(early);
  t.notSame(history.next(lookAt(1)).peers.get('p')?.level, 'lost');
  const silent = new StatsHistory();
  silent.next(early);
  t.equal(silent.next(early).peers.get('p')?.level, 'lost');
});

/** A watch over nothing but the server's side. */
function watchOf(serverStats: (id: string) => Promise<unknown[]>): StatsWatch {
  const transport = { id: 'r', closed: false, connectionState: 'connected', getStats: async () => new Map() };
  return new StatsWatch({
    media: () => ({ transport: () => transport }) as never,
    connected: () => true,
    localTracks: () => new Map(),
    remote: () => ({ peers: new Map() }) as never,
    serverStats,
  });
}

t.test('looks go on while the server does not answer, and forget what it said', async (t) => {
  let asked = 0;
  const watch = watchOf(() =>
    asked++ === 0 ? Promise.resolve([{ availableOutgoingBitrate: 5e5 }]) : new Promise(() => {}),
  );
  const seen: (number | undefined)[] = [];
  const stop = watch.watch(({ downlink }: ConnectionStats) => seen.push(downlink.available), 5);
  await until(() => seen.length >= 8);
  stop();
  t.equal(asked, 2, 'one request at a time');
  t.strictSame(seen.slice(0, 8), [undefined, 5e5, 5e5, 5e5, ...Array<undefined>(4).fill(undefined)]);
});

t.test('a listener that throws takes nothing from the others', async (t) => {
  const watch = watchOf(() => Promise.reject(new Error('no')));
  const reported: unknown[] = [];
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => reported.push(error));
  let calls = 0;
  const stops = [
    watch.watch(() => {
      throw new Error('a fault of the page');
    }, 5),
    watch.watch(() => calls++, 5),
  ];
  await until(() => calls >= 3 && reported.length >= 3);
  for (const stop of stops) stop();
  process.removeAllListeners('uncaughtException');
  for (const listener of listeners) process.on('uncaughtException', listener);
  t.match(reported[0], { message: 'a fault of the page' });
});

import fc from 'fast-check';
import t from 'tap';
import { layerForSize, simulcastEncodings, videoBitrate, videoLayersOf } from '#src/client/simulcast.js';
import { startGateway } from '../gateway/test-client.js';
import { fakeTrack, joinPeer } from './test-room.js';

const scales = (width: number, height: number): unknown[] =>
  simulcastEncodings(width, height).map(({ scaleResolutionDownBy }) => scaleResolutionDownBy);

const trackOf = (width?: number, height?: number): MediaStreamTrack =>
  ({ kind: 'video', getSettings: () => ({ width, height }) }) as MediaStreamTrack;

t.test('as many encodings as the browser will send, lowest first, with temporal layers', async (t) => {
  t.strictSame(scales(1280, 720), [4, 2, 1]);
  t.strictSame(scales(960, 540), [4, 2, 1]);
  t.strictSame(scales(640, 360), [2, 1]);
  t.strictSame(scales(480, 270), [2, 1]);
  t.strictSame(scales(360, 640), [2, 1], 'a phone held upright');
  t.strictSame(simulcastEncodings(320, 180), [{ maxBitrate: videoBitrate(320, 180) }]);
  const encodings = simulcastEncodings(1280, 720);
  t.strictSame(
    encodings.map(({ rid }) => rid),
    ['r0', 'r1', 'r2'],
  );
  t.ok(encodings.every((encoding) => (encoding as { scalabilityMode?: string }).scalabilityMode === 'L1T3'));
  const rates = encodings.map(({ maxBitrate }) => maxBitrate ?? 0);
  t.ok(rates[0] < rates[1] && rates[1] < rates[2], rates.join());
  t.equal(rates[2], 1_700_000);
});

t.test('layer sizes: of simulcast, of one stream with layers inside, and unknown', async (t) => {
  t.strictSame(videoLayersOf(trackOf(640, 360), simulcastEncodings(640, 360)), [
    { width: 320, height: 180 },
    { width: 640, height: 360 },
  ]);
  const svc = [{ scalabilityMode: 'L3T3_KEY' }] as unknown as RTCRtpEncodingParameters[];
  t.strictSame(
    videoLayersOf(trackOf(1280, 720), svc)?.map(({ width }) => width),
    [320, 640, 1280],
  );
  t.strictSame(videoLayersOf(trackOf(320, 180)), [{ width: 320, height: 180 }]);
  t.equal(videoLayersOf(trackOf()), undefined);
});

t.test('the layer for a place: sharp, but not larger than needed', async (t) => {
  const layers = videoLayersOf(trackOf(1280, 720), simulcastEncodings(1280, 720))!;
  t.strictSame(
    [100, 320, 400, 401, 800, 801, 4000].map((width) => layerForSize(layers, width, (width * 9) / 16)),
    [0, 0, 0, 1, 1, 2, 2],
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4000 }), fc.integer({ min: 1, max: 4000 }), (a, b) => {
      const [small, large] = [Math.min(a, b), Math.max(a, b)];
      return layerForSize(layers, small, 1) <= layerForSize(layers, large, 1);
    }),
  );
});

t.test('a camera is sent as simulcast unless the page says otherwise; viewers learn the sizes', async (t) => {
  const { url } = await startGateway(t);
  const { client: anna } = await joinPeer(t, url);
  const { client: bo } = await joinPeer(t, url);
  const camera = fakeTrack('video');
  camera.getSettings = () => ({ width: 640, height: 360 });
  const layersOf = async (options: Parameters<typeof anna.publish>[1]): Promise<number | undefined> => {
    const added = new Promise((resolve) => bo.once('trackadded', resolve));
    const { producer } = await anna.publish(camera, options);
    await added;
    return producer!.rtpParameters.encodings?.length;
  };
  t.equal(await layersOf({ source: 'camera' }), 2);
  t.equal(await layersOf({ source: 'camera', encodings: [{}] }), 1);
  t.equal(await layersOf({ source: 'screen' }), 1);
});

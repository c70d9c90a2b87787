/** The device of a browser, whose abilities are found out before the codecs of the room are known. */
import { Device, FakeHandler, testFakeParameters } from 'mediasoup-client';
import t, { type Test } from 'tap';
import { Devices } from '#src/client/devices.js';
import { createDevice } from '#src/client/platform.js';

const OFFER = [
  ...['v=0', 'o=- 1 1 IN IP4 0.0.0.0', 's=-', 't=0 0'],
  ...['m=audio 9 UDP/TLS/RTP/SAVPF 111', 'c=IN IP4 0.0.0.0', 'a=mid:0', 'a=rtpmap:111 opus/48000/2'],
  ...['m=video 9 UDP/TLS/RTP/SAVPF 96', 'c=IN IP4 0.0.0.0', 'a=mid:1', 'a=rtpmap:96 VP8/90000', ''],
].join('\r\n');

const routerRtpCapabilities = testFakeParameters.generateRouterRtpCapabilities();

/** A Chromium, gone after the test, that counts its peer connections; it has codecs, but gathers and connects nothing. */
function pretendChromium(t: Test) {
  const counts = { made: 0, open: 0 };
  class FakePeerConnection {
    constructor() {
      counts.made++;
      counts.open++;
    }
    addTransceiver(): void {}
    createOffer(): Promise<{ sdp: string }> {
      return Promise.resolve({ sdp: OFFER });
    }
    close(): void {
      counts.open--;
    }
  }
  const scope = globalThis as unknown as Record<string, unknown>;
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', {
    value: { userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36' },
    configurable: true,
  });
  scope.RTCPeerConnection = FakePeerConnection;
  t.teardown(() => {
    delete scope.RTCPeerConnection;
    if (before) Object.defineProperty(globalThis, 'navigator', before);
    else delete scope.navigator;
  });
  return counts;
}

t.test('what the browser can is asked for at once, and not again when the device is loaded', async (t) => {
  const counts = pretendChromium(t);
  const device = await createDevice();
  t.equal(device.handlerName, 'Chrome111');
  t.equal(device.loaded, false);
  t.equal(counts.made, 2, 'to send and to receive');
  await device.load({ routerRtpCapabilities });
  t.strictSame(counts, { made: 2, open: 0 });
  t.strictSame([device.canProduce('audio'), device.canProduce('video')], [true, true]);
});

t.test('prepared once, loaded when the codecs are known', async (t) => {
  const counts = pretendChromium(t);
  const devices = new Devices(undefined);
  devices.prepare();
  devices.prepare();
  const [one, other] = await Promise.all([
    devices.load(routerRtpCapabilities),
    devices.load(routerRtpCapabilities),
  ]);
  devices.prepare();
  t.equal(one, other);
  t.equal(one.loaded, true);
  t.equal(counts.made, 2);
});

t.test('one that was made ahead is the first to be used, and only where it fits', async (t) => {
  const counts = pretendChromium(t);
  const handlerFactory = FakeHandler.createFactory(testFakeParameters);
  const given = new Device({ handlerFactory });
  const devices = new Devices(Promise.resolve(given));
  devices.prepare();
  t.equal(await devices.load(routerRtpCapabilities), given);
  t.equal(counts.made, 0);
  const others = { ...routerRtpCapabilities, headerExtensions: [] };
  t.not(await devices.load(others), given, 'it is loaded for other codecs');

  const loaded = new Device({ handlerFactory });
  await loaded.load({ routerRtpCapabilities });
  t.not(await new Devices(loaded).load(routerRtpCapabilities), loaded);
});

t.test('a browser that cannot take part is told at the load, and asked again at the next', async (t) => {
  const devices = new Devices(undefined);
  devices.prepare();
  await t.rejects(devices.load(routerRtpCapabilities), { code: 'unsupported-device' });
  pretendChromium(t);
  devices.prepare();
  t.equal((await devices.load(routerRtpCapabilities)).handlerName, 'Chrome111');
  const failed = Promise.reject(Object.assign(new Error('no'), { code: 'unsupported-device' }));
  await t.rejects(new Devices(failed).load(routerRtpCapabilities), { code: 'unsupported-device' });
});

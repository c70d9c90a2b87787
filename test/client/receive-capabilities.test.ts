import t from 'tap';
import type { types } from 'mediasoup-client';
import { receiveCapabilities } from '#src/client/receive-capabilities.js';

const DESCRIPTOR = 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension';

const extension = (uri: string, preferredId: number): types.RtpHeaderExtension => ({
  kind: 'video',
  uri: uri as types.RtpHeaderExtension['uri'],
  preferredId,
});
const MID = extension('urn:ietf:params:rtp-hdrext:sdes:mid', 1);
const ROUTER: types.RtpCapabilities = { codecs: [], headerExtensions: [MID, extension(DESCRIPTOR, 7)] };

function deviceOf(handlerName: string, ...headerExtensions: types.RtpHeaderExtension[]) {
  return { handlerName, recvRtpCapabilities: { codecs: [], headerExtensions } };
}

t.test('Chromium reads the dependency descriptor, under the number that the router gave it', (t) => {
  const device = deviceOf('Chrome111', MID);
  t.strictSame(receiveCapabilities(device, ROUTER).headerExtensions, [MID, extension(DESCRIPTOR, 7)]);
  t.strictSame(device.recvRtpCapabilities.headerExtensions, [MID], 'the device is left as it is');
  const names = deviceOf('Chrome111', MID, extension(DESCRIPTOR, 9));
  t.equal(receiveCapabilities(names, ROUTER).headerExtensions?.length, 2, 'once, if it names it itself');
  t.end();
});

t.test('no browser is told of what it or the router lacks', (t) => {
  const firefox = deviceOf('Firefox120', MID);
  t.equal(receiveCapabilities(firefox, ROUTER), firefox.recvRtpCapabilities);
  const plain = { codecs: [], headerExtensions: [MID] };
  t.strictSame(receiveCapabilities(deviceOf('Chrome111', MID), plain).headerExtensions, [MID]);
  t.strictSame(receiveCapabilities(deviceOf('Chrome111'), {}).headerExtensions, []);
  t.end();
});

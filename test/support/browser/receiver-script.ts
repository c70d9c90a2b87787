/** Runs in the page of receiver-page.ts: a mediasoup-client device that receives. */
import { Device, type types } from 'mediasoup-client';
import type { ReceiverWindow } from './receiver-page.js';

const page = window as unknown as ReceiverWindow;
let device: Device;
let transport: types.Transport;

page.receiverLoad = async (routerRtpCapabilities) => {
  device = await Device.factory();
  await device.load({ routerRtpCapabilities });
  return device.recvRtpCapabilities;
};

page.receiverTransport = (options) => {
  transport = device.createRecvTransport(options);
  transport.on('connect', ({ dtlsParameters }, done, failed) => {
    page.receiverConnect(dtlsParameters).then(done, failed);
  });
};

page.receiverConsume = async (options) => {
  const { track } = await transport.consume(options);
  const element = document.createElement('video');
  element.muted = true;
  element.autoplay = true;
  element.srcObject = new MediaStream([track]);
  document.body.append(element);
};

page.receiverStats = async () => {
  const [stats] = [...(await transport.getStats()).values()].filter(
    (entry: { type: string; kind?: string }) => entry.type === 'inbound-rtp' && entry.kind === 'video',
  ) as { framesDecoded?: number; freezeCount?: number; packetsLost?: number }[];
  return {
    at: performance.now(),
    framesDecoded: stats?.framesDecoded ?? 0,
    freezeCount: stats?.freezeCount ?? 0,
    packetsLost: stats?.packetsLost ?? 0,
  };
};

/** Runs in the page of media-page.ts: mediasoup-client, any number of transports, no signalling and no user interface. */
import { Device, type types } from 'mediasoup-client';
import type { CameraOptions, ConsumeRequest, MediaWindow, Sample, Sending } from './media-page.js';

const page = window as unknown as MediaWindow;
const transports = new Map<string, types.Transport>();
const producers = new Map<string, types.Producer>();
const watched = new Map<string, Watched>();
let device: Device;
/** Sounds that begin now are sent twice, as RED (RFC 2198). mediasoup-client does not know how: its answers are amended. */
let repeatSound = false;
const RED_PAYLOAD_TYPE = 63;

const setRemoteDescription = Object.getOwnPropertyDescriptor(
  RTCPeerConnection.prototype,
  'setRemoteDescription',
)!.value as (description: RTCSessionDescriptionInit) => Promise<void>;
RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }: RTCSessionDescriptionInit) {
  const amended = type === 'offer' ? explainRed(sdp!) : repeatSound ? preferRed(sdp!) : sdp;
  return setRemoteDescription.call(this, { type, sdp: amended });
};

/** Everything that a sample counts starts at 0, so that what a browser has no figure for does not need a case. */
type Figures = Partial<Record<keyof Sample, number>> & { type: string };

interface Watched {
  consumer: types.Consumer;
  longestGap: number;
  lastFrame: number;
}

page.mediaLoad = async (routerRtpCapabilities) => {
  device = await Device.factory();
  await device.load({ routerRtpCapabilities });
  return withDependencyDescriptor(device.recvRtpCapabilities, routerRtpCapabilities);
};

page.mediaTransport = (direction, options) => {
  const transport =
    direction === 'send' ? device.createSendTransport(options) : device.createRecvTransport(options);
  transports.set(options.id, transport);
  transport.on('connect', ({ dtlsParameters }, done, failed) => {
    page.mediaConnect(options.id, dtlsParameters).then(done, failed);
  });
  transport.on('produce', ({ kind, rtpParameters }, done, failed) => {
    if (kind === 'audio' && repeatSound) rtpParameters.codecs.unshift(redFor(rtpParameters.codecs[0]));
    page.mediaProduce(options.id, kind, rtpParameters).then((id) => done({ id }), failed);
  });
};

page.mediaCanSend = (codec) =>
  device.sendRtpCapabilities.codecs?.some(({ mimeType }) => mimeType === codec) ?? false;

page.mediaCamera = async (transportId, { codec, encodings, ...video }) => {
  const stream = await navigator.mediaDevices.getUserMedia({ video: constraints(video) });
  const producer = await transports.get(transportId)!.produce({
    track: stream.getVideoTracks()[0],
    encodings,
    codec: device.sendRtpCapabilities.codecs?.find(({ mimeType }) => mimeType === codec),
    // libwebrtc begins at 300 kbps and the ramp is not what is measured here.
    codecOptions: { videoGoogleStartBitrate: 1500 },
  });
  producers.set(producer.id, producer);
  return producer.id;
};

page.mediaTone = async (transportId, repeated) => {
  repeatSound = repeated;
  const producer = await transports.get(transportId)!.produce({
    track: humming(),
    codecOptions: { opusMaxAverageBitrate: 24_000 },
  });
  producers.set(producer.id, producer);
  return producer.id;
};

page.mediaStop = (producerId) => {
  producers.get(producerId)?.close();
  producers.delete(producerId);
};

page.mediaSending = async (producerId) => {
  const report = await producers.get(producerId)!.getStats();
  const sending: Sending[] = [];
  report.forEach((entry: Sending & { type: string }) => {
    if (entry.type !== 'outbound-rtp') return;
    const { rid, frameWidth, framesPerSecond, qualityLimitationReason, scalabilityMode } = entry;
    sending.push({ rid, frameWidth, framesPerSecond, qualityLimitationReason, scalabilityMode });
  });
  return sending;
};

page.mediaConsume = async (transportId, requests) => {
  const transport = transports.get(transportId)!;
  // In one go: one SDP exchange for all.
  const consumers = await Promise.all(requests.map((request) => transport.consume(request.options)));
  consumers.forEach((consumer, index) => show(consumer, requests[index]));
};

page.mediaSamples = async () => {
  const samples: Sample[] = [];
  for (const { consumer, longestGap, lastFrame } of watched.values()) {
    const report = await consumer.getStats();
    const figures = [...report.values()].find(({ type }: Figures) => type === 'inbound-rtp') as
      Figures | undefined;
    const waiting = lastFrame === 0 ? 0 : performance.now() - lastFrame;
    samples.push(sampleOf(consumer, figures ?? { type: '' }, Math.max(longestGap, waiting)));
  }
  return samples;
};

page.mediaForgetGaps = (consumerId) => {
  watched.get(consumerId)!.longestGap = 0;
};

page.mediaCloseTransport = (transportId) => {
  transports.get(transportId)?.close();
  transports.delete(transportId);
  for (const [id, { consumer }] of watched) if (consumer.closed) watched.delete(id);
  for (const element of document.querySelectorAll('video')) {
    if (element.dataset.transport === transportId) element.remove();
  }
};

function constraints({ width, height, frameRate }: Omit<CameraOptions, 'codec' | 'encodings'>) {
  return { width: { exact: width }, height: { exact: height }, frameRate };
}

/** Chromium reads the dependency descriptor when it is offered, but names it only among what it sends. */
function withDependencyDescriptor(own: types.RtpCapabilities, router: types.RtpCapabilities) {
  const isDescriptor = ({ uri }: types.RtpHeaderExtension) => uri.includes('dependency-descriptor');
  const others = own.headerExtensions?.filter((extension) => !isDescriptor(extension)) ?? [];
  const descriptors = router.headerExtensions?.filter(isDescriptor) ?? [];
  return { ...own, headerExtensions: [...others, ...descriptors] };
}

/** Chromium offers it beside Opus, under this payload type. */
function redFor({ payloadType }: types.RtpCodecParameters): types.RtpCodecParameters {
  return {
    mimeType: 'audio/red',
    payloadType: RED_PAYLOAD_TYPE,
    clockRate: 48000,
    channels: 2,
    parameters: { [`${payloadType}/${payloadType}`]: '' },
  };
}

function preferRed(sdp: string): string {
  const red = (opus: string): string =>
    `a=rtpmap:${RED_PAYLOAD_TYPE} red/48000/2\r\na=fmtp:${RED_PAYLOAD_TYPE} ${opus}/${opus}\r\n`;
  return sdp
    .replaceAll(/^(m=audio .*SAVPF) (\d+)\r\n/gm, `$1 ${RED_PAYLOAD_TYPE} $2\r\n`)
    .replaceAll(/^a=rtpmap:(\d+) opus.*\r\n/gm, (line, opus: string) => line + red(opus));
}

/** Chromium refuses RED when it is not told what is in it, and mediasoup-client cannot say that. */
function explainRed(sdp: string): string {
  return sdp.replaceAll(
    /^(a=rtpmap:(\d+) opus[^]*?)(a=rtpmap:(\d+) red.*\r\n)/gm,
    (_all, before: string, opus: string, line: string, red: string) =>
      `${before}${line}a=fmtp:${red} ${opus}/${opus}\r\n`,
  );
}

/** Never silent, so that each lost packet is missed: a buzz that swells and fades like syllables. */
function humming(): MediaStreamTrack {
  const context = new AudioContext();
  const buzz = new OscillatorNode(context, { type: 'sawtooth', frequency: 140 });
  const vowel = new BiquadFilterNode(context, { type: 'bandpass', frequency: 700, Q: 0.7 });
  const loudness = new GainNode(context, { gain: 0.5 });
  const syllables = new OscillatorNode(context, { frequency: 3 });
  const depth = new GainNode(context, { gain: 0.3 });
  const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
  buzz.connect(vowel).connect(loudness).connect(out);
  syllables.connect(depth).connect(loudness.gain);
  buzz.start();
  syllables.start();
  return out.stream.getAudioTracks()[0];
}

/** Sound and picture of one person play in one element, as on a real page; the sound is what pulls its jitter buffer. */
function show(consumer: types.Consumer, { transportId, person }: ConsumeRequest): void {
  const id = `${transportId}-${person}`;
  let element = document.getElementById(id) as HTMLVideoElement | null;
  if (element === null) {
    element = document.createElement('video');
    element.id = id;
    element.dataset.transport = transportId;
    element.autoplay = true;
    element.width = 160;
    element.srcObject = new MediaStream();
    document.body.append(element);
  }
  (element.srcObject as MediaStream).addTrack(consumer.track);
  const one: Watched = { consumer, longestGap: 0, lastFrame: 0 };
  watched.set(consumer.id, one);
  if (consumer.kind === 'video') watchFrames(element, one);
}

function watchFrames(element: HTMLVideoElement, one: Watched): void {
  const look = (now: number): void => {
    if (one.consumer.closed) return;
    if (one.lastFrame > 0) one.longestGap = Math.max(one.longestGap, now - one.lastFrame);
    one.lastFrame = now;
    element.requestVideoFrameCallback(look);
  };
  element.requestVideoFrameCallback(look);
}

function sampleOf(consumer: types.Consumer, figures: Figures, longestGap: number): Sample {
  const count = (name: keyof Sample): number => figures[name] ?? 0;
  return {
    consumerId: consumer.id,
    kind: consumer.kind,
    at: performance.now(),
    longestGap,
    frameWidth: count('frameWidth'),
    framesDecoded: count('framesDecoded'),
    framesDropped: count('framesDropped'),
    keyFramesDecoded: count('keyFramesDecoded'),
    freezeCount: count('freezeCount'),
    totalFreezesDuration: count('totalFreezesDuration'),
    concealedSamples: count('concealedSamples'),
    totalSamplesReceived: count('totalSamplesReceived'),
    jitterBufferDelay: count('jitterBufferDelay'),
    jitterBufferEmittedCount: count('jitterBufferEmittedCount'),
    bytesReceived: count('bytesReceived'),
    packetsReceived: count('packetsReceived'),
    packetsLost: count('packetsLost'),
    nackCount: count('nackCount'),
    pliCount: count('pliCount'),
  };
}

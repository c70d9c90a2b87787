import {
  type MediaKind,
  type RouterRtpCodecCapability,
  type RtcpFeedback,
  type RtpCodecParametersParameters,
  type RtpHeaderExtension,
  type RtpHeaderExtensionDirection,
  type RtpHeaderExtensionUri,
} from '../rtp/rtp-parameters.js';

/** What any router can be made of. Dynamic payload types are chosen when a router is created. */
export interface SupportedRtpCapabilities {
  codecs: RouterRtpCodecCapability[];
  headerExtensions: RtpHeaderExtension[];
}

/** The codecs and header extensions that this library forwards. A fresh copy at every call. */
export function getSupportedRtpCapabilities(): SupportedRtpCapabilities {
  // The lists below share feedback objects. JSON, unlike structuredClone, gives every codec its own.
  return JSON.parse(JSON.stringify({ codecs, headerExtensions })) as SupportedRtpCapabilities;
}

const transportCc: RtcpFeedback = { type: 'transport-cc' };
const audioWithNack: RtcpFeedback[] = [{ type: 'nack' }, transportCc];
const videoFeedback: RtcpFeedback[] = [
  { type: 'nack' },
  { type: 'nack', parameter: 'pli' },
  { type: 'ccm', parameter: 'fir' },
  { type: 'goog-remb' },
  transportCc,
];

function audio(
  mimeType: string,
  clockRate: number,
  rest: Partial<RouterRtpCodecCapability> = {},
): RouterRtpCodecCapability {
  return { kind: 'audio', mimeType, clockRate, rtcpFeedback: [transportCc], ...rest };
}

function multiopus(channels: number, parameters: RtpCodecParametersParameters): RouterRtpCodecCapability {
  return audio('audio/multiopus', 48000, { channels, parameters, rtcpFeedback: audioWithNack });
}

function video(mimeType: string, parameters?: RtpCodecParametersParameters): RouterRtpCodecCapability {
  return {
    kind: 'video',
    mimeType,
    clockRate: 90000,
    rtcpFeedback: videoFeedback,
    ...(parameters && { parameters }),
  };
}

function extension(
  kind: MediaKind,
  preferredId: number,
  uri: RtpHeaderExtensionUri,
  direction: RtpHeaderExtensionDirection = 'sendrecv',
): RtpHeaderExtension {
  return { kind, uri, preferredId, preferredEncrypt: false, direction };
}

// Audio is forwarded without a look at its payload, so codecs that browsers have dropped still work.
const codecs: RouterRtpCodecCapability[] = [
  audio('audio/opus', 48000, { channels: 2, rtcpFeedback: audioWithNack }),
  // Opus with earlier frames repeated (RFC 2198). Routers list it last, so that endpoints choose it only when told to.
  audio('audio/red', 48000, { channels: 2, rtcpFeedback: audioWithNack }),
  multiopus(4, { channel_mapping: '0,1,2,3', num_streams: 2, coupled_streams: 2 }),
  multiopus(6, { channel_mapping: '0,4,1,2,3,5', num_streams: 4, coupled_streams: 2 }),
  multiopus(8, { channel_mapping: '0,6,1,2,3,4,5,7', num_streams: 5, coupled_streams: 3 }),
  // Static payload types of RFC 3551.
  audio('audio/PCMU', 8000, { preferredPayloadType: 0 }),
  audio('audio/PCMA', 8000, { preferredPayloadType: 8 }),
  audio('audio/G722', 8000, { preferredPayloadType: 9 }),
  audio('audio/ISAC', 32000),
  audio('audio/ISAC', 16000),
  audio('audio/iLBC', 8000),
  audio('audio/SILK', 24000),
  audio('audio/SILK', 16000),
  audio('audio/SILK', 12000),
  audio('audio/SILK', 8000),
  audio('audio/CN', 32000, { rtcpFeedback: [] }),
  audio('audio/CN', 16000, { rtcpFeedback: [] }),
  audio('audio/CN', 8000, { preferredPayloadType: 13, rtcpFeedback: [] }),
  audio('audio/telephone-event', 48000, { rtcpFeedback: [] }),
  audio('audio/telephone-event', 32000, { rtcpFeedback: [] }),
  audio('audio/telephone-event', 16000, { rtcpFeedback: [] }),
  audio('audio/telephone-event', 8000, { rtcpFeedback: [] }),
  video('video/VP8'),
  video('video/VP9'),
  video('video/H264', { 'level-asymmetry-allowed': 1 }),
  video('video/AV1'),
];

// The direction is the router's view: 'recvonly' is understood from producers and not sent to consumers.
const headerExtensions: RtpHeaderExtension[] = [
  extension('audio', 1, 'urn:ietf:params:rtp-hdrext:sdes:mid'),
  extension('video', 1, 'urn:ietf:params:rtp-hdrext:sdes:mid'),
  extension('video', 2, 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id', 'recvonly'),
  extension('video', 3, 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id', 'recvonly'),
  extension('audio', 4, 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time'),
  extension('video', 4, 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time'),
  // Audio too: a receiver without any video being sent still says what its network carries.
  extension('audio', 5, 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01'),
  extension('video', 5, 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01'),
  extension('audio', 6, 'urn:ietf:params:rtp-hdrext:ssrc-audio-level'),
  extension(
    'video',
    7,
    'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension',
  ),
  extension('video', 8, 'urn:3gpp:video-orientation'),
  extension('video', 9, 'urn:ietf:params:rtp-hdrext:toffset'),
  extension('audio', 10, 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time'),
  extension('video', 10, 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time'),
  extension('video', 11, 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay'),
  extension('audio', 12, 'urn:mediasoup:params:rtp-hdrext:packet-id'),
  extension('video', 12, 'urn:mediasoup:params:rtp-hdrext:packet-id'),
];

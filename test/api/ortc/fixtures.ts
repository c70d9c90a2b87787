import { getConsumableRtpParameters } from '#src/api/ortc/consumable-rtp-parameters.js';
import { getProducerRtpParametersMapping } from '#src/api/ortc/producer-mapping.js';
import { generateRouterRtpCapabilities } from '#src/api/ortc/router-rtp-capabilities.js';
import {
  type RtpCapabilities,
  type RtpCodecCapability,
  type RtpHeaderExtension,
  type RtpHeaderExtensionUri,
  type RtpParameters,
  type RouterRtpCodecCapability,
} from '#src/rtp/rtp-parameters.js';

/** Input that throws when somebody writes to it (ES modules are strict). */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}

export const uris = {
  mid: 'urn:ietf:params:rtp-hdrext:sdes:mid',
  absSendTime: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  twcc: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  audioLevel: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  dependencyDescriptor:
    'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension',
  videoOrientation: 'urn:3gpp:video-orientation',
  toffset: 'urn:ietf:params:rtp-hdrext:toffset',
  absCaptureTime: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time',
  playoutDelay: 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay',
  packetId: 'urn:mediasoup:params:rtp-hdrext:packet-id',
} as const satisfies Record<string, RtpHeaderExtensionUri>;

export const mediaCodecs: RouterRtpCodecCapability[] = deepFreeze([
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48000, channels: 2 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90000 },
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90000,
    parameters: { 'level-asymmetry-allowed': 1, 'packetization-mode': 1, 'profile-level-id': '4d0032' },
  },
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90000,
    parameters: { 'level-asymmetry-allowed': 1, 'packetization-mode': 1, 'profile-level-id': '42e01f' },
  },
  { kind: 'video', mimeType: 'video/VP9', clockRate: 90000, parameters: { 'profile-id': 0 } },
]);

/** A simulcast of three, by RID, with the payload types and header extension ids of a browser. */
export function simulcastParameters(): RtpParameters {
  return deepFreeze<RtpParameters>({
    mid: '1',
    msid: 'stream track',
    codecs: [
      {
        mimeType: 'video/h264',
        payloadType: 111,
        clockRate: 90000,
        parameters: { 'packetization-mode': 1, 'profile-level-id': '42e034', foo: 1234 },
        rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'goog-remb' }],
      },
      { mimeType: 'video/rtx', payloadType: 112, clockRate: 90000, parameters: { apt: 111 } },
    ],
    headerExtensions: [
      { uri: uris.mid, id: 3 },
      { uri: uris.videoOrientation, id: 7 },
    ],
    encodings: [
      { rid: 'low', maxBitrate: 111111, scalabilityMode: 'L1T3', codecPayloadType: 111 },
      { rid: 'mid', maxBitrate: 222222, scalabilityMode: 'L1T3' },
      { rid: 'high', maxBitrate: 333333, scalabilityMode: 'L1T3', rtx: { ssrc: 99 } },
    ],
    rtcp: { cname: 'qwerty1234' },
  });
}

export function videoExtension(uri: RtpHeaderExtensionUri, preferredId: number): RtpHeaderExtension {
  return { kind: 'video', uri, preferredId };
}

export function h264Capability(profileLevelId: string, preferredPayloadType: number): RtpCodecCapability {
  return {
    kind: 'video',
    mimeType: 'video/H264',
    preferredPayloadType,
    clockRate: 90000,
    parameters: { 'packetization-mode': 1, 'profile-level-id': profileLevelId },
    rtcpFeedback: [
      { type: 'nack' },
      { type: 'nack', parameter: 'pli' },
      { type: 'goog-remb' },
      { type: 'transport-cc' },
      { type: 'foo', parameter: 'FOO' },
    ],
  };
}

export function rtxCapability(apt: number, preferredPayloadType: number): RtpCodecCapability {
  return {
    kind: 'video',
    mimeType: 'video/rtx',
    preferredPayloadType,
    clockRate: 90000,
    parameters: { apt },
  };
}

/** An endpoint with VP8 without RTX and H264 with it. */
export function endpointCapabilities(headerExtensions: RtpHeaderExtension[] = []): RtpCapabilities {
  return deepFreeze<RtpCapabilities>({
    codecs: [
      { kind: 'video', mimeType: 'video/VP8', preferredPayloadType: 120, clockRate: 90000 },
      h264Capability('42e02a', 103),
      rtxCapability(103, 104),
    ],
    headerExtensions,
  });
}

/**
 * Payload types: opus 100, VP8 101/102, H264 Main 103/104, H264 Constrained Baseline 105/106, VP9 107/108.
 */
export const routerCapabilities = deepFreeze(generateRouterRtpCapabilities(mediaCodecs));

/** The simulcast as its router sees it, with SSRCs from 1000. */
export function consumableSimulcast() {
  const params = simulcastParameters();
  const mapping = deepFreeze(getProducerRtpParametersMapping(params, routerCapabilities, () => 1000));
  return deepFreeze(getConsumableRtpParameters('video', params, routerCapabilities, mapping));
}

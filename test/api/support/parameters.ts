import {
  type RtpCapabilities,
  type RtpParameters,
  type RouterRtpCodecCapability,
} from '#src/rtp/rtp-parameters.js';

export const mediaCodecs: RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48000, channels: 2, preferredPayloadType: 100 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90000, preferredPayloadType: 101 },
];

export const audioParameters: RtpParameters = {
  mid: 'AUDIO',
  codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48000, channels: 2 }],
  headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 10 }],
  encodings: [{ ssrc: 11111111 }],
  rtcp: { cname: 'first' },
};

export const videoParameters: RtpParameters = {
  mid: 'VIDEO',
  codecs: [
    {
      mimeType: 'video/VP8',
      payloadType: 96,
      clockRate: 90000,
      rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }],
    },
    { mimeType: 'video/rtx', payloadType: 97, clockRate: 90000, parameters: { apt: 96 } },
  ],
  encodings: [
    { ssrc: 22222222, rtx: { ssrc: 22222223 }, scalabilityMode: 'L1T3' },
    { ssrc: 22222224, rtx: { ssrc: 22222225 }, scalabilityMode: 'L1T3' },
    { ssrc: 22222226, rtx: { ssrc: 22222227 }, scalabilityMode: 'L1T3' },
  ],
  rtcp: { cname: 'second' },
};

/** What an endpoint with every codec of `mediaCodecs` can receive. */
export const deviceCapabilities: RtpCapabilities = {
  codecs: [
    { kind: 'audio', mimeType: 'audio/opus', clockRate: 48000, channels: 2, preferredPayloadType: 100 },
    {
      kind: 'video',
      mimeType: 'video/VP8',
      clockRate: 90000,
      preferredPayloadType: 101,
      rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }],
    },
    {
      kind: 'video',
      mimeType: 'video/rtx',
      clockRate: 90000,
      preferredPayloadType: 102,
      parameters: { apt: 101 },
    },
  ],
  headerExtensions: [{ kind: 'audio', uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', preferredId: 1 }],
};

export const noVideoCapabilities: RtpCapabilities = {
  codecs: deviceCapabilities.codecs!.slice(0, 1),
  headerExtensions: [],
};

export const listenInfo = { protocol: 'udp' as const, ip: '127.0.0.1' };

import type { RtpEncodingParameters, RtpParameters } from '#src/rtp/rtp-parameters.js';
import { ABS_SEND_TIME_ID, MID_ID, RID_ID, RRID_ID, TWCC_ID } from '../virtual-room.js';

export const DEPENDENCY_ID = 7;
export const VIDEO_TYPE = 96;
export const RTX_TYPE = 97;
export const AUDIO_TYPE = 111;
/** The router's payload types are this much higher. */
export const MAPPED = 4;

const DEPENDENCY = 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension';

const extensions: NonNullable<RtpParameters['headerExtensions']> = [
  { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: MID_ID },
  { uri: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id', id: RID_ID },
  { uri: 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id', id: RRID_ID },
  { uri: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time', id: ABS_SEND_TIME_ID },
  { uri: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01', id: TWCC_ID },
];

const videoFeedback = [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'transport-cc' }];

/** @param shift 0 for a publisher, MAPPED for a viewer */
export function videoParameters(
  mimeType: string,
  mid: string,
  encodings: RtpEncodingParameters[],
  shift: number,
  dependencyDescriptor: boolean,
): RtpParameters {
  const payloadType = VIDEO_TYPE + shift;
  return {
    mid,
    codecs: [
      { mimeType, payloadType, clockRate: 90_000, rtcpFeedback: videoFeedback },
      {
        mimeType: 'video/rtx',
        payloadType: RTX_TYPE + shift,
        clockRate: 90_000,
        parameters: { apt: payloadType },
      },
    ],
    headerExtensions: dependencyDescriptor
      ? [...extensions, { uri: DEPENDENCY, id: DEPENDENCY_ID }]
      : extensions,
    encodings,
    rtcp: { cname: mid },
  };
}

export function audioParameters(mid: string, ssrc: number, shift: number): RtpParameters {
  return {
    mid,
    codecs: [
      {
        mimeType: 'audio/opus',
        payloadType: AUDIO_TYPE + shift,
        clockRate: 48_000,
        channels: 2,
        rtcpFeedback: [{ type: 'transport-cc' }],
      },
    ],
    headerExtensions: extensions,
    encodings: [{ ssrc }],
    rtcp: { cname: mid },
  };
}

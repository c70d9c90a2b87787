// @ts-check
/** What is negotiated: everything that a browser has, as mediasoup's API names it. */
import { AUDIO, EXTENSION_IDS, VIDEO } from './media-source.js';

/** Of the routers under test. */
export const MEDIA_CODECS = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
];

const MID = 'urn:ietf:params:rtp-hdrext:sdes:mid';
const RID = 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id';
const ABS_SEND_TIME = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time';
const TRANSPORT_WIDE = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';
const AUDIO_LEVEL = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';

/**
 * Of a producer.
 * @param {'audio' | 'video'} kind
 * @param {{ mid: string, ssrcs: number[], simulcast?: boolean }} options one SSRC for each layer, lowest first
 */
export function producerParameters(kind, { mid, ssrcs, simulcast = false }) {
  const headerExtensions = [
    { uri: MID, id: EXTENSION_IDS.mid },
    { uri: ABS_SEND_TIME, id: EXTENSION_IDS.absSendTime },
  ];
  const rtcp = { cname: `load-${ssrcs[0]}`, reducedSize: true };
  if (kind === 'audio') {
    headerExtensions.push({ uri: AUDIO_LEVEL, id: EXTENSION_IDS.audioLevel });
    const opus = { mimeType: 'audio/opus', payloadType: AUDIO.payloadType, clockRate: 48_000, channels: 2 };
    return {
      mid,
      codecs: [{ ...opus, parameters: {}, rtcpFeedback: [] }],
      headerExtensions,
      encodings: [{ ssrc: ssrcs[0] }],
      rtcp,
    };
  }
  headerExtensions.push({ uri: TRANSPORT_WIDE, id: EXTENSION_IDS.transportWide });
  if (simulcast) headerExtensions.push({ uri: RID, id: EXTENSION_IDS.rid });
  return {
    mid,
    codecs: [
      {
        mimeType: 'video/VP8',
        payloadType: VIDEO.payloadType,
        clockRate: VIDEO.clockRate,
        parameters: {},
        rtcpFeedback: [
          { type: 'nack' },
          { type: 'nack', parameter: 'pli' },
          { type: 'ccm', parameter: 'fir' },
          { type: 'transport-cc' },
        ],
      },
      {
        mimeType: 'video/rtx',
        payloadType: VIDEO.rtxPayloadType,
        clockRate: VIDEO.clockRate,
        parameters: { apt: VIDEO.payloadType },
        rtcpFeedback: [],
      },
    ],
    headerExtensions,
    encodings: ssrcs.map((ssrc) => ({
      ssrc,
      rtx: { ssrc: ssrc + 1 },
      ...(simulcast && { scalabilityMode: 'L1T2' }),
    })),
    rtcp,
  };
}

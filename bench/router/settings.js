/** What the benchmarks' producers and consumers have negotiated, as the API would hand it to a worker. */

const MID = { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 1 };
const ABS_SEND_TIME = { uri: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time', id: 4 };
const TRANSPORT_WIDE = {
  uri: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  id: 5,
};
const AUDIO_LEVEL = { uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 6 };
const VIDEO_TYPE = 101;
const RTX_TYPE = 102;
const OPUS_TYPE = 100;

/** The consumer's own transport-wide numbers are under this id. */
export const TRANSPORT_WIDE_ID = TRANSPORT_WIDE.id;

/** As MediaSource sends it; `extensionIds`: EXTENSION_IDS of it. */
export function videoProducer(id, ssrc, extensionIds) {
  return {
    id,
    kind: 'video',
    type: 'simple',
    rtpParameters: {
      codecs: [
        { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000, rtcpFeedback: [{ type: 'nack' }] },
      ],
      headerExtensions: [
        { ...MID, id: extensionIds.mid },
        { ...ABS_SEND_TIME, id: extensionIds.absSendTime },
        { ...TRANSPORT_WIDE, id: extensionIds.transportWide },
      ],
      encodings: [{ ssrc }],
    },
    rtpMapping: {
      codecs: [{ payloadType: 96, mappedPayloadType: VIDEO_TYPE }],
      encodings: [{ ssrc, mappedSsrc: ssrc + 7000 }],
    },
    keyFrameRequestDelay: 0,
    paused: false,
  };
}

export function audioProducer(id, ssrc, extensionIds) {
  return {
    id,
    kind: 'audio',
    type: 'simple',
    rtpParameters: {
      codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }],
      headerExtensions: [
        { ...MID, id: extensionIds.mid },
        { ...ABS_SEND_TIME, id: extensionIds.absSendTime },
        { ...AUDIO_LEVEL, id: extensionIds.audioLevel },
      ],
      encodings: [{ ssrc }],
    },
    rtpMapping: {
      codecs: [{ payloadType: 111, mappedPayloadType: OPUS_TYPE }],
      encodings: [{ ssrc, mappedSsrc: ssrc + 7000 }],
    },
    keyFrameRequestDelay: 0,
    paused: false,
  };
}

/** `reports`: the receiver tells by transport-wide feedback what arrived, so its bandwidth is estimated. */
export function videoConsumer(id, producerId, ssrc, reports) {
  const rtcpFeedback = [{ type: 'nack' }, ...(reports ? [{ type: 'transport-cc' }] : [])];
  return {
    id,
    producerId,
    kind: 'video',
    type: 'simple',
    rtpParameters: {
      mid: '0',
      codecs: [
        { mimeType: 'video/VP8', payloadType: VIDEO_TYPE, clockRate: 90_000, rtcpFeedback },
        { mimeType: 'video/rtx', payloadType: RTX_TYPE, clockRate: 90_000, parameters: { apt: VIDEO_TYPE } },
      ],
      headerExtensions: [MID, ABS_SEND_TIME, TRANSPORT_WIDE],
      encodings: [{ ssrc, rtx: { ssrc: ssrc + 1 } }],
    },
    consumableRtpEncodings: [],
    paused: false,
    ignoreDtx: false,
  };
}

export function audioConsumer(id, producerId, ssrc) {
  return {
    id,
    producerId,
    kind: 'audio',
    type: 'simple',
    rtpParameters: {
      mid: String(ssrc % 10_000),
      codecs: [{ mimeType: 'audio/opus', payloadType: OPUS_TYPE, clockRate: 48_000, channels: 2 }],
      headerExtensions: [MID, ABS_SEND_TIME, AUDIO_LEVEL],
      encodings: [{ ssrc }],
    },
    consumableRtpEncodings: [],
    paused: false,
    ignoreDtx: false,
  };
}

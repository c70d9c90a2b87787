import { type RtpHeaderExtensionUri } from './rtp-parameters.js';

/**
 * The ids that a router uses for header extensions towards every receiver; the capabilities that it announces carry the
 * same ones. A producer's own ids are mapped to these once, on the way in.
 */
export const CANONICAL_EXTENSION_ID: Readonly<Record<RtpHeaderExtensionUri, number>> = {
  'urn:ietf:params:rtp-hdrext:sdes:mid': 1,
  'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id': 2,
  'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id': 3,
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time': 4,
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01': 5,
  'urn:ietf:params:rtp-hdrext:ssrc-audio-level': 6,
  'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension': 7,
  'urn:3gpp:video-orientation': 8,
  'urn:ietf:params:rtp-hdrext:toffset': 9,
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time': 10,
  'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay': 11,
  'urn:mediasoup:params:rtp-hdrext:packet-id': 12,
};

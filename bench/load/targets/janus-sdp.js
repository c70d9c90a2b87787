// @ts-check
/** The session description of one sending stream, and what is needed of Janus' answer. */
import { AUDIO, EXTENSION_IDS, VIDEO } from '../traffic/media-source.js';

const VIDEO_LINES = [
  `a=rtpmap:${VIDEO.payloadType} VP8/90000`,
  `a=rtcp-fb:${VIDEO.payloadType} nack`,
  `a=rtcp-fb:${VIDEO.payloadType} nack pli`,
  `a=rtpmap:${VIDEO.rtxPayloadType} rtx/90000`,
  `a=fmtp:${VIDEO.rtxPayloadType} apt=${VIDEO.payloadType}`,
];

/**
 * @param {'audio' | 'video'} kind
 * @param {{ ssrc: number, ufrag: string, password: string, fingerprint: string }} options
 */
export function offer(kind, { ssrc, ufrag, password, fingerprint }) {
  const payloadTypes = kind === 'video' ? [VIDEO.payloadType, VIDEO.rtxPayloadType] : [AUDIO.payloadType];
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${payloadTypes.join(' ')}`,
    'c=IN IP4 0.0.0.0',
    'a=mid:0',
    'a=sendonly',
    'a=rtcp-mux',
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${password}`,
    `a=fingerprint:sha-256 ${fingerprint}`,
    'a=setup:active',
    // Nobody is there: Janus wants one candidate, and learns the real address from our checks.
    'a=candidate:1 1 udp 2015363327 192.0.2.1 9 typ host',
    'a=end-of-candidates',
    `a=extmap:${EXTENSION_IDS.mid} urn:ietf:params:rtp-hdrext:sdes:mid`,
    ...(kind === 'video' ? VIDEO_LINES : [`a=rtpmap:${AUDIO.payloadType} opus/48000/2`]),
    `a=ssrc:${ssrc} cname:load`,
    '',
  ].join('\r\n');
}

/**
 * @param {string} sdp an answer with its candidates
 * @returns {import('../traffic/webrtc/client.js').RemoteTransport}
 */
export function remoteTransport(sdp) {
  /** @param {RegExp} pattern */
  const find = (pattern) => pattern.exec(sdp)?.[1] ?? '';
  const candidates = [...sdp.matchAll(/a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host/gi)];
  return {
    iceParameters: { usernameFragment: find(/a=ice-ufrag:(\S+)/), password: find(/a=ice-pwd:(\S+)/) },
    iceCandidates: candidates.map(([, address, port]) => ({ protocol: 'udp', address, port: Number(port) })),
  };
}

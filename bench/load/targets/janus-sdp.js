// @ts-check
/** Session descriptions of load clients, and what is needed of Janus' own. */
import { AUDIO, EXTENSION_IDS, VIDEO } from '../traffic/media-source.js';

const MID_EXTENSION = 'urn:ietf:params:rtp-hdrext:sdes:mid';
const VIDEO_LINES = [
  `a=rtpmap:${VIDEO.payloadType} VP8/90000`,
  `a=rtcp-fb:${VIDEO.payloadType} nack`,
  `a=rtcp-fb:${VIDEO.payloadType} nack pli`,
  `a=rtpmap:${VIDEO.rtxPayloadType} rtx/90000`,
  `a=fmtp:${VIDEO.rtxPayloadType} apt=${VIDEO.payloadType}`,
];

/** @typedef {{ ufrag: string, password: string, fingerprint: string }} Endpoint a load client */
/** @typedef {{ kind: 'audio' | 'video', mid: string, ssrc: number, payloadType: number }} ReceivedStream */

/**
 * @param {{ kind: 'audio' | 'video', mid: string, ssrc: number }[]} streams that are sent
 * @param {Endpoint} endpoint
 */
export function offer(streams, endpoint) {
  const sections = streams.map(({ kind, mid, ssrc }) => {
    const payloadTypes = kind === 'video' ? [VIDEO.payloadType, VIDEO.rtxPayloadType] : [AUDIO.payloadType];
    return [
      ...sectionStart(kind, mid, payloadTypes, endpoint),
      'a=sendonly',
      `a=extmap:${EXTENSION_IDS.mid} ${MID_EXTENSION}`,
      ...(kind === 'video' ? VIDEO_LINES : [`a=rtpmap:${AUDIO.payloadType} opus/48000/2`]),
      `a=ssrc:${ssrc} cname:load`,
    ];
  });
  return description(streams, sections);
}

/**
 * Takes all that Janus offers.
 * @param {string} sdp
 * @param {Endpoint} endpoint
 */
export function answer(sdp, endpoint) {
  const streams = receivedStreams(sdp);
  const sections = streams.map(({ kind, mid, payloadType }) => {
    const codec = kind === 'video' ? 'VP8/90000' : 'opus/48000/2';
    return [
      ...sectionStart(kind, mid, [payloadType], endpoint),
      'a=recvonly',
      `a=rtpmap:${payloadType} ${codec}`,
      ...(kind === 'video' ? [`a=rtcp-fb:${payloadType} nack`, `a=rtcp-fb:${payloadType} nack pli`] : []),
    ];
  });
  return description(streams, sections);
}

/** @param {string} sdp an offer of Janus @returns {ReceivedStream[]} */
export function receivedStreams(sdp) {
  return sdp
    .split(/^m=/m)
    .slice(1)
    .map((section) => {
      const find = (/** @type {RegExp} */ pattern) => pattern.exec(section)?.[1] ?? '';
      return {
        kind: section.startsWith('audio') ? 'audio' : 'video',
        mid: find(/^a=mid:(\S+)/m),
        ssrc: Number(find(/^a=ssrc:(\d+)/m)),
        payloadType: Number(find(/^\w+ \d+ \S+ (\d+)/)),
      };
    });
}

/**
 * @param {string} kind
 * @param {string} mid
 * @param {number[]} payloadTypes
 * @param {Endpoint} endpoint
 */
function sectionStart(kind, mid, payloadTypes, { ufrag, password, fingerprint }) {
  return [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${payloadTypes.join(' ')}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    'a=rtcp-mux',
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${password}`,
    `a=fingerprint:sha-256 ${fingerprint}`,
    'a=setup:active',
    // Nobody is there: Janus wants one candidate, and learns the real address from our checks.
    'a=candidate:1 1 udp 2015363327 192.0.2.1 9 typ host',
    'a=end-of-candidates',
  ];
}

/**
 * @param {{ mid: string }[]} streams
 * @param {string[][]} sections
 */
function description(streams, sections) {
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${streams.map(({ mid }) => mid).join(' ')}`,
    ...sections.flat(),
    '',
  ].join('\r\n');
}

/**
 * @param {string} sdp of Janus, with its candidates
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

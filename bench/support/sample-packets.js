// @ts-check
/** Packets and descriptors that the micro benchmarks chew on, as browsers write them. */
import { MediaSource } from '../load/traffic/media-source.js';

/** @param {number} count of consecutive packets of a 30 fps VP8 stream with two temporal layers, four to a picture */
export function videoPackets(count, size = 1142) {
  const source = new MediaSource({
    kind: 'video',
    ssrc: 1111,
    mid: '0',
    size,
    packetsPerFrame: 4,
    frameRate: 30,
    temporalLayers: true,
  });
  return Array.from({ length: count }, (_, n) => new Uint8Array(source.next(n * (1000 / 120))));
}

/** Opus, with its level. */
export function audioPackets(count = 64, size = 112) {
  const source = new MediaSource({
    kind: 'audio',
    ssrc: 2222,
    mid: '1',
    size,
    packetsPerFrame: 1,
    frameRate: 50,
  });
  return Array.from({ length: count }, (_, n) => new Uint8Array(source.next(n * 20)));
}

/** Payload with a VP9 descriptor (RFC 9628): picture id, layers, TL0PICIDX; of picture `n` in layers 0 2 1 2. */
export function vp9Payload(n = 0, size = 1100) {
  const temporal = [0, 2, 1, 2][n % 4];
  const payload = new Uint8Array(size).fill(0xab);
  payload.set([0xe8 | 0x04, 0x80 | ((n >> 8) & 0x7f), n & 0xff, temporal << 5, (n >> 2) & 0xff]);
  return payload;
}

/** Payload with an AV1 aggregation header that continues nothing. */
export function av1Payload(size = 1100) {
  const payload = new Uint8Array(size).fill(0xab);
  payload.set([0x10, 0x32]);
  return payload;
}

/** Payload of an H.264 fragment (FU-A of a slice). */
export function h264Payload(size = 1100) {
  const payload = new Uint8Array(size).fill(0xab);
  payload.set([0x7c, 0x41]);
  return payload;
}

/** Dependency descriptor of a key frame that brings the structure L1T3 (AV1 RTP specification A.10). */
export const L1T3_KEY_DESCRIPTOR = Uint8Array.from(Buffer.from('c10001802214eaaa44104d1410208426', 'hex'));
const L1T3_TEMPLATES = [2, 4, 3, 5];

/** @param {number} n picture, in layers 0 2 1 2 */
export function l1t3Descriptor(n) {
  return Uint8Array.of(0xc0 | L1T3_TEMPLATES[n % 4], (n >> 8) & 0xff, n & 0xff);
}

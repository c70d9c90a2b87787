/** Datagrams that look like what a media port expects, and are not. Made from a number, so that a run can be repeated. */
import { bindingRequest } from '../transport/ice/binding-request.js';

const random = (seed: number): (() => number) => {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
};

function bytes(next: () => number, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => Math.floor(next() * 256));
}

/** A valid beginning of each kind; the rest is noise. */
export const shapes = {
  stun: (next: () => number): Uint8Array =>
    bindingRequest({
      usernameFragment: next() < 0.5 ? 'nobody' : 'x'.repeat(Math.floor(next() * 300)),
      password: 'wrong-password-of-some-length',
      useCandidate: next() < 0.5,
    }),
  dtls: (next: () => number): Uint8Array => {
    const datagram = bytes(next, 13 + Math.floor(next() * 400));
    const body = datagram.length - 13;
    datagram.set([20 + Math.floor(next() * 4), 254, 253, 0, next() < 0.5 ? 0 : 1], 0);
    datagram.set([body >> 8, body & 255], 11);
    return datagram;
  },
  rtp: (next: () => number): Uint8Array => {
    const datagram = bytes(next, 12 + Math.floor(next() * 1200));
    datagram[0] = 0x80 | (datagram[0] & 0x3f);
    datagram[1] = (datagram[1] & 0x80) | 96;
    return datagram;
  },
  rtcp: (next: () => number): Uint8Array => {
    const datagram = bytes(next, 8 + 4 * Math.floor(next() * 60));
    const words = datagram.length / 4 - 1;
    datagram.set([0x80 | (datagram[0] & 0x3f), 200 + Math.floor(next() * 8), words >> 8, words & 255], 0);
    return datagram;
  },
  noise: (next: () => number): Uint8Array => bytes(next, 1 + Math.floor(next() * 1400)),
} as const;

export type Shape = keyof typeof shapes;

/** One of the shape, in two of three cases with some bytes changed or its end cut off. */
export function mutate(shape: Shape, seed: number): Uint8Array {
  const next = random(seed + 1);
  for (let warm = 0; warm < 4; warm++) next();
  const datagram = shapes[shape](next);
  const how = next();
  if (how < 0.33) return datagram;
  if (how < 0.66) return datagram.slice(0, 1 + Math.floor(next() * datagram.length));
  for (let change = 0; change < 5; change++) {
    datagram[Math.floor(next() * datagram.length)] = Math.floor(next() * 256);
  }
  return datagram;
}

/** What the server forwards, seen as it leaves: RTP payloads, and the pictures that a decoder without keys makes of them. */
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Logger } from 'pino';
import { createWorker, type types } from 'sluss';
import { createWorkerPool, type MediaBackend } from 'sluss/gateway';
import type { Test } from 'tap';
import { Vp8Descriptor } from '#src/rtp/codecs/vp8.js';
import { ffmpegPath } from '../browser/browsers.js';

export interface Packet {
  /** Of the frame: the same for all of its packets. */
  timestamp: number;
  payload: Buffer;
}

interface Sent {
  producer: types.Producer;
  router: types.Router;
}

export class Forwarded {
  /** Ended ones are taken away. */
  readonly #sent = new Map<string, Sent>();
  backend!: MediaBackend;

  static async start(log: Logger): Promise<Forwarded> {
    const forwarded = new Forwarded();
    const listenInfos = [{ protocol: 'udp' as const, ip: '127.0.0.1' }];
    forwarded.backend = await createWorkerPool({ listenInfos }, log, async (settings) => {
      const worker = await createWorker(settings);
      worker.observer.on('newrouter', (router) => {
        router.observer.on('newtransport', (transport) => {
          transport.observer.on('newproducer', (producer) => {
            forwarded.#sent.set(producer.id, { producer, router });
            producer.observer.on('close', () => forwarded.#sent.delete(producer.id));
          });
        });
      });
      return worker;
    });
    return forwarded;
  }

  /** The ids of what is being sent of this kind, in the order of its beginning. */
  ids(kind: types.MediaKind): string[] {
    return [...this.#sent.values()]
      .filter(({ producer }) => producer.kind === kind)
      .map(({ producer }) => producer.id);
  }

  /** The next `count` packets of a producer, as any receiver gets them. Begins with a key frame. */
  async record(t: Test, producerId: string, count: number): Promise<Packet[]> {
    const { router } = this.#sent.get(producerId)!;
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    t.teardown(() => socket.close());
    await once(socket, 'listening');
    const listenInfo = { protocol: 'udp' as const, ip: '127.0.0.1' };
    const transport = await router.createPlainTransport({ listenInfo, rtcpMux: true });
    await transport.connect({ ip: '127.0.0.1', port: socket.address().port });
    const packets: Packet[] = [];
    const done = new Promise<void>((resolve) => {
      socket.on('message', (packet) => {
        // RTCP comes on the same port.
        const isRtp = packet[1] < 192 || packet[1] > 223;
        if (isRtp && packets.push(readPacket(packet)) >= count) resolve();
      });
    });
    const { rtpCapabilities } = router;
    const consumer = await transport.consume({ producerId, rtpCapabilities, paused: true });
    await consumer.resume();
    await done;
    transport.close();
    return packets;
  }
}

/** Behind the fixed header, the CSRC list and the extensions (RFC 3550 5.1, 5.3.1), without padding. */
function readPacket(packet: Buffer): Packet {
  let at = 12 + 4 * (packet[0] & 0x0f);
  if ((packet[0] & 0x10) !== 0) at += 4 + 4 * packet.readUInt16BE(at + 2);
  const padding = (packet[0] & 0x20) !== 0 ? packet[packet.length - 1] : 0;
  return {
    timestamp: packet.readUInt32BE(4),
    payload: Buffer.from(packet.subarray(at, packet.length - padding)),
  };
}

/** The VP8 frames of these packets (RFC 7741), from the first key frame on; the last one may not be whole and is left out. */
export function vp8Frames(packets: readonly Packet[]): Buffer[] {
  const descriptor = new Vp8Descriptor();
  const frames: { timestamp: number; parts: Buffer[] }[] = [];
  for (const { timestamp, payload } of packets) {
    if (!descriptor.parse(payload, 0, payload.length)) continue;
    const last = frames.at(-1);
    const part = payload.subarray(descriptor.descriptorLength);
    if (last?.timestamp === timestamp) last.parts.push(part);
    else if (last || descriptor.keyFrame) frames.push({ timestamp, parts: [part] });
  }
  return frames.slice(0, -1).map(({ parts }) => Buffer.concat(parts));
}

export const DECODED = { width: 64, height: 36 } as const;

/** What ffmpeg makes of VP8 frames: the grey pictures (64 by 36, a byte each), and what it complained of. */
export async function decodeVp8(
  frames: readonly Buffer[],
): Promise<{ pictures: Buffer[]; complaints: number }> {
  const { width, height } = DECODED;
  const child = execFile(
    ffmpegPath(),
    [
      ...[
        '-hide_banner',
        '-loglevel',
        'error',
        '-f',
        'ivf',
        '-i',
        'pipe:0',
        '-vf',
        `scale=${width}:${height}`,
      ],
      ...['-fps_mode', 'passthrough', '-pix_fmt', 'gray', '-f', 'rawvideo', 'pipe:1'],
    ],
    { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 },
  );
  child.stdin!.on('error', () => {});
  child.stdin!.end(ivf(frames));
  const out: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout!.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr!.on('data', (chunk: Buffer) => errors.push(chunk));
  await once(child, 'close');
  const bytes = Buffer.concat(out);
  const size = width * height;
  const pictures = Array.from({ length: Math.floor(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
  return { pictures, complaints: Buffer.concat(errors).toString().split('\n').filter(Boolean).length };
}

/** The container that tools take VP8 in. */
function ivf(frames: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(32);
  head.write('DKIF', 0);
  head.writeUInt16LE(32, 6);
  head.write('VP80', 8);
  head.writeUInt16LE(320, 12);
  head.writeUInt16LE(180, 14);
  head.writeUInt32LE(10, 16);
  head.writeUInt32LE(1, 20);
  head.writeUInt32LE(frames.length, 24);
  return Buffer.concat([
    head,
    ...frames.flatMap((frame, index) => {
      const frameHead = Buffer.alloc(12);
      frameHead.writeUInt32LE(frame.length, 0);
      frameHead.writeBigUInt64LE(BigInt(index), 4);
      return [frameHead, frame];
    }),
  ]);
}

/** How much a grey picture is like the most similar of others: 1 (but for brightness and contrast the same), 0 (not at all). */
export function likeness(picture: Buffer, others: readonly Buffer[]): number {
  return Math.max(0, ...others.map((other) => correlation(picture, other)));
}

/** How much a picture is like the most similar of the others; of the picture in the middle of that order. */
export function usualLikeness(pictures: readonly Buffer[]): number {
  const all = pictures.map((picture, at) =>
    likeness(
      picture,
      pictures.filter((_, index) => index !== at),
    ),
  );
  return all.sort((a, b) => a - b)[Math.floor(all.length / 2)];
}

/** Pearson's; 0 when there is nothing on one of them. */
function correlation(a: Buffer, b: Buffer): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, ownA, ownB] = [0, 0, 0];
  for (let at = 0; at < a.length; at++) {
    const [fromA, fromB] = [a[at] - meanA, b[at] - meanB];
    both += fromA * fromB;
    ownA += fromA * fromA;
    ownB += fromB * fromB;
  }
  return ownA === 0 || ownB === 0 ? 0 : both / Math.sqrt(ownA * ownB);
}

function mean(bytes: Buffer): number {
  return bytes.reduce((sum, value) => sum + value, 0) / bytes.length;
}

/** Endpoints on sockets for media through real workers: a camera, a viewer, and a bad path between two pipes. */
import { createSocket, type Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import type { Test } from 'tap';
import { type PipeTransport } from '#src/api/pipe-transport.js';
import { type PlainTransport } from '#src/api/plain-transport.js';
import { RtpPacket, RtpParseError } from '#src/rtp/rtp-packet.js';
import { type RtpParameters } from '#src/rtp/rtp-parameters.js';
import { buildRtp, vp8Payload } from '../../support/rtp-builder.js';

export const CAMERA_SSRCS = [101, 102, 103];
const FRAME_MS = 20;

export const cameraParameters: RtpParameters = {
  codecs: [
    {
      mimeType: 'video/VP8',
      payloadType: 96,
      clockRate: 90000,
      rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }],
    },
  ],
  encodings: CAMERA_SSRCS.map((ssrc) => ({ ssrc })),
  rtcp: { cname: 'camera' },
};

async function openSocket(t: Test): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  return socket;
}

/** Sends VP8 in three encodings to a transport with comedia; key frames when it is asked for them. */
export class SocketCamera {
  /** Key-frame requests by encoding. */
  readonly asked = [0, 0, 0];
  private readonly keyFrame = [true, true, true];
  private readonly sequence = [1000, 2000, 3000];
  private pictures = 0;

  private constructor(
    private readonly socket: Socket,
    private readonly port: number,
  ) {
    socket.on('message', (bytes) => this.receive(bytes));
  }

  /** Goes on until the test ends. */
  static async start(t: Test, transport: PlainTransport): Promise<SocketCamera> {
    const camera = new SocketCamera(await openSocket(t), transport.tuple.localPort);
    const timer = setInterval(() => camera.frame(), FRAME_MS);
    t.teardown(() => clearInterval(timer));
    return camera;
  }

  private frame(): void {
    const picture = this.pictures++;
    for (const [layer, ssrc] of CAMERA_SSRCS.entries()) {
      const keyFrame = this.keyFrame[layer];
      this.keyFrame[layer] = false;
      const packet = buildRtp({
        payloadType: 96,
        sequenceNumber: this.sequence[layer]++ & 0xffff,
        timestamp: picture * FRAME_MS * 90,
        ssrc,
        marker: true,
        payload: vp8Payload({
          pictureId: picture & 0x7fff,
          tl0PicIdx: picture & 0xff,
          keyFrame,
          size: 100 + layer,
        }),
      });
      this.socket.send(packet, this.port, '127.0.0.1');
    }
  }

  private receive(bytes: Buffer): void {
    for (let at = 0; at + 12 <= bytes.length; at += 4 * (bytes.readUInt16BE(at + 2) + 1)) {
      const layer = CAMERA_SSRCS.indexOf(bytes.readUInt32BE(at + 8));
      if (bytes[at] !== 0x81 || bytes[at + 1] !== 206 || layer < 0) continue;
      this.asked[layer] += 1;
      this.keyFrame[layer] = true;
    }
  }
}

export interface SeenPacket {
  sequenceNumber: number;
  ssrc: number;
  payloadType: number;
  /** By the size of the payload. */
  layer: number;
  keyFrame: boolean;
}

/** What a plain transport sends, with a way to wait for it. */
export class SocketViewer {
  readonly seen: SeenPacket[] = [];
  private readonly arrivals = new EventEmitter();

  private constructor(private readonly socket: Socket) {
    const packet = new RtpPacket();
    socket.on('message', (bytes) => {
      if (bytes[1] >= 200 && bytes[1] < 210) return;
      if (packet.parse(bytes, 0, bytes.length) !== RtpParseError.Ok) throw new Error('this is not RTP');
      const { sequenceNumber, ssrc, payloadType, payloadLength, payloadOffset } = packet;
      const keyFrame = (bytes[payloadOffset + 5] & 1) === 0;
      this.seen.push({ sequenceNumber, ssrc, payloadType, layer: payloadLength - 100, keyFrame });
      this.arrivals.emit('any');
    });
  }

  static async open(t: Test, transport: PlainTransport): Promise<SocketViewer> {
    const viewer = new SocketViewer(await openSocket(t));
    await transport.connect({ ip: '127.0.0.1', port: viewer.socket.address().port });
    return viewer;
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this.arrivals, 'any');
  }
}

/** A path between two pipe transports that loses what it is told to. */
export class LossyPath {
  lost = 0;

  static async connect(
    t: Test,
    one: PipeTransport,
    other: PipeTransport,
    loses: (datagram: Buffer) => boolean,
  ): Promise<LossyPath> {
    const path = new LossyPath();
    const [facingOne, facingOther] = [await openSocket(t), await openSocket(t)];
    facingOne.on('message', (bytes) => {
      if (loses(bytes)) path.lost += 1;
      else facingOther.send(bytes, other.tuple.localPort, '127.0.0.1');
    });
    facingOther.on('message', (bytes) => facingOne.send(bytes, one.tuple.localPort, '127.0.0.1'));
    await one.connect({ ip: '127.0.0.1', port: facingOne.address().port });
    await other.connect({ ip: '127.0.0.1', port: facingOther.address().port });
    return path;
  }
}

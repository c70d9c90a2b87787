import type { PipeConsumer } from '#src/router/pipe-consumer.js';
import type { Producer } from '#src/router/producer.js';
import type { ProducerSettings } from '#src/router/settings.js';
import type { RtpEncodingParameters, RtpParameters } from '#src/rtp/rtp-parameters.js';
import { buildRtp, vp8Payload } from './rtp-builder.js';
import { type SentRtp, VirtualRoom, type VirtualTransport, vp8Receiver, vp8Sender } from './virtual-room.js';

/** Of the camera's encodings, lowest first. */
export const CAMERA_SSRCS = [101, 102, 103];
/** Of the same encodings in the pipe. */
export const PIPE_SSRCS = [7001, 7002, 7003];
/** And of their retransmissions. */
export const PIPE_RTX_SSRCS = [7004, 7005, 7006];

/** Two routers on one clock with a pipe between them. What goes in at one end comes out of the other at once. */
export class VirtualPipe {
  readonly near = new VirtualRoom(1);
  readonly far = new VirtualRoom(2);
  readonly out: VirtualTransport;
  readonly in: VirtualTransport;
  /** Says which packets get lost on the way. */
  lose: (packet: SentRtp) => boolean = () => false;
  private rtpPassed = 0;
  private readonly rtcpPassed = { forth: 0, back: 0 };

  constructor(connected = true) {
    this.out = this.near.transport('out', connected);
    this.in = this.far.transport('in');
  }

  /** Lets time pass in both rooms, a millisecond at a time. */
  advance(ms: number): void {
    for (let passed = 0; passed < ms; passed++) {
      this.near.advance(1);
      this.pump();
      this.far.advance(1);
      this.pump();
    }
  }

  /** Delivers what was sent, and what is sent because of it. */
  pump(): void {
    const { sent } = this.out;
    for (let busy = true; busy;) {
      busy = false;
      for (; this.rtpPassed < sent.length; busy = true) {
        const packet = sent[this.rtpPassed++];
        if (!this.lose(packet)) this.in.receive(packet.bytes);
      }
      for (; this.rtcpPassed.forth < this.out.sentRtcp.length; busy = true)
        this.in.receiveRtcp(this.out.sentRtcp[this.rtcpPassed.forth++]);
      for (; this.rtcpPassed.back < this.in.sentRtcp.length; busy = true)
        this.out.receiveRtcp(this.in.sentRtcp[this.rtcpPassed.back++]);
    }
  }

  /** The near end, as `consume()` of a PipeTransport makes it. */
  consume(rtpParameters: RtpParameters, kind: 'audio' | 'video' = 'video'): PipeConsumer {
    const consumer = this.out.rtp.consumeAll(this.near.now, {
      id: 'pipe-consumer',
      producerId: 'producer',
      kind,
      type: 'pipe',
      rtpParameters,
      consumableRtpEncodings: [],
      paused: false,
      ignoreDtx: false,
    });
    this.near.flush();
    this.pump();
    return consumer;
  }

  /** The far end: the same payload types in both routers. */
  produce(rtpParameters: RtpParameters, settings: Partial<ProducerSettings> = {}): Producer {
    const { codecs, encodings = [] } = rtpParameters;
    return this.in.produce({
      id: 'piped',
      rtpParameters,
      ...settings,
      rtpMapping: {
        codecs: codecs.map(({ payloadType }) => ({ payloadType, mappedPayloadType: payloadType })),
        encodings: encodings.map((encoding, index) => ({ ...encoding, mappedSsrc: 9500 + index })),
      },
    });
  }

  /** Packets of one encoding that went into the pipe. */
  sent(ssrc: number): SentRtp[] {
    return this.out.sent.filter((packet) => packet.ssrc === ssrc);
  }
}

/** What a pipe consumer of VP8 sends: no MID, and no bandwidth estimation. */
export function vp8Pipe(rtx = false, ssrcs = PIPE_SSRCS): RtpParameters {
  const receiver = vp8Receiver(0);
  return {
    ...receiver,
    mid: undefined,
    codecs: receiver.codecs.slice(0, rtx ? 2 : 1).map((codec) => ({
      ...codec,
      rtcpFeedback: codec.rtcpFeedback?.filter(({ parameter }) => rtx || parameter === 'pli'),
    })),
    headerExtensions: [],
    encodings: ssrcs.map((ssrc, index) => ({
      ssrc,
      ...(rtx && { rtx: { ssrc: PIPE_RTX_SSRCS[index] } }),
    })),
  };
}

/** A camera with three encodings that answers key-frame requests and sends only what it is told is wanted. */
export class PipedCamera {
  readonly transport: VirtualTransport;
  readonly producer: Producer;
  /** Of the next packet of each encoding. */
  readonly sequence = [60_000, 10, 30_000];
  readonly timestampBase = [0, 3_000_000_000, 70_000];
  readonly pictureId = [100, 200, 300];
  /** Packets of a frame. */
  parts = 2;
  private answered = 0;
  private readonly keyFrame = [true, true, true];

  constructor(
    private readonly room: VirtualRoom,
    encodings: RtpEncodingParameters[] = CAMERA_SSRCS.map((ssrc) => ({ ssrc })),
  ) {
    this.transport = room.transport('camera');
    this.producer = this.transport.produce({ rtpParameters: vp8Sender(encodings) });
  }

  /** Key-frame requests so far, by encoding. */
  get asked(): number[] {
    const requests = this.transport.rtcp(206, 1).map((pli) => pli[11]);
    return CAMERA_SSRCS.map((ssrc) => requests.filter((asked) => asked === ssrc).length);
  }

  /** One frame of each encoding. */
  frame(): void {
    const requests = this.transport.rtcp(206, 1);
    for (const pli of requests.slice(this.answered)) this.keyFrame[CAMERA_SSRCS.indexOf(pli[11])] = true;
    this.answered = requests.length;
    for (const layer of CAMERA_SSRCS.keys()) {
      if (this.producer.wantedEncodings[layer]) this.encode(layer);
    }
  }

  run(pipe: VirtualPipe, ms: number): void {
    for (const end = this.room.now + ms; this.room.now < end; pipe.advance(40)) {
      this.frame();
      pipe.pump();
    }
  }

  packet(layer: number, part: number, keyFrame: boolean): Uint8Array {
    const sequenceNumber = this.sequence[layer];
    this.sequence[layer] = (sequenceNumber + 1) & 0xffff;
    return buildRtp({
      payloadType: 96,
      sequenceNumber,
      timestamp: this.timestampBase[layer] + this.room.now * 90,
      ssrc: CAMERA_SSRCS[layer],
      marker: part === this.parts - 1,
      payload: vp8Payload({
        pictureId: this.pictureId[layer],
        tl0PicIdx: this.pictureId[layer] & 0xff,
        keyFrame: keyFrame && part === 0,
        start: part === 0,
        size: 100 + layer,
      }),
    });
  }

  private encode(layer: number): void {
    const keyFrame = this.keyFrame[layer];
    this.keyFrame[layer] = false;
    for (let part = 0; part < this.parts; part++) this.transport.receive(this.packet(layer, part, keyFrame));
    this.pictureId[layer] = (this.pictureId[layer] + 1) & 0x7fff;
  }
}

import type { SrtpSender } from '#src/srtp/srtp-sender.js';
import { RtcpReader } from '#src/rtp/rtcp/rtcp-reader.js';
import { RtpPacket, RtpParseError } from '#src/rtp/rtp-packet.js';
import type { RtpEncodingParameters, RtpParameters } from '#src/rtp/rtp-parameters.js';
import type { Consumer } from '#src/router/consumer.js';
import type { CoreEnvironment, PacketDestination, TransportSink } from '#src/router/environment.js';
import type { Producer } from '#src/router/producer.js';
import { Router } from '#src/router/router.js';
import { RtpTransport } from '#src/router/rtp-transport.js';
import type { ConsumerSettings, ProducerSettings } from '#src/router/settings.js';
import { PacketBatch } from '#src/srtp/packet-batch.js';
import { PacketArena } from '#src/stream/packet-arena.js';
import { Timers } from '#src/stream/timers.js';

export interface SentRtp {
  at: number;
  payloadType: number;
  sequenceNumber: number;
  timestamp: number;
  ssrc: number;
  marker: boolean;
  payload: Uint8Array;
  bytes: Uint8Array;
  packet: RtpPacket;
}

export interface Notification {
  targetId: string;
  event: string;
  data: unknown;
}

export const MID_ID = 1;
export const RID_ID = 2;
export const RRID_ID = 3;
export const ABS_SEND_TIME_ID = 4;
export const TWCC_ID = 5;

/** A router without sockets on a clock that only moves when told: what it sends is kept. */
export class VirtualRoom {
  now = 1000;
  readonly notifications: Notification[] = [];
  readonly environment: CoreEnvironment;
  readonly router: Router;
  private random: number;

  constructor(seed = 1, arenaSize = 8 * 1024 * 1024) {
    this.random = seed;
    const arena = new PacketArena(arenaSize);
    const slots = { bytes: arena.bytes, offset: arena.allocateRange(64 * 2048) };
    const scratch = arena.allocateRange(2048);
    const batch = new PacketBatch<PacketDestination>(64, 2048, slots);
    this.environment = {
      arena,
      scratch,
      batch,
      timers: new Timers(),
      wallClockOffset: 1_700_000_000_000,
      notify: (targetId, event, data) => this.notifications.push({ targetId, event, data }),
      random32: () => (this.random = (Math.imul(this.random, 1664525) + 1013904223) >>> 0),
      flush: () => this.flush(),
    };
    this.router = new Router('router', this.environment);
  }

  transport(id: string, connected = true): VirtualTransport {
    return new VirtualTransport(id, this, connected);
  }

  /** Lets time pass, running every timer at its time. */
  advance(ms: number): void {
    const end = this.now + ms;
    const { timers } = this.environment;
    while (timers.next <= end) {
      this.now = Math.max(this.now, timers.next);
      timers.run(this.now);
      this.flush();
    }
    this.now = end;
  }

  flush(): void {
    const { batch } = this.environment;
    for (let index = 0; index < batch.count; index++) {
      const offset = batch.offsets[index];
      const bytes = batch.bytes.slice(offset, offset + batch.lengths[index]);
      (batch.destinations[index] as VirtualTransport).collect(bytes);
    }
    batch.clear();
  }

  events(targetId: string, event: string): unknown[] {
    return this.notifications.filter((n) => n.targetId === targetId && n.event === event).map((n) => n.data);
  }
}

/** One transport of the room; it is its own destination. */
export class VirtualTransport implements TransportSink {
  /** Only looked at: what is sent stays readable. */
  srtpSender: SrtpSender | null = null;
  rtpDestination: PacketDestination | null;
  readonly rtp: RtpTransport;
  readonly sent: SentRtp[] = [];
  readonly sentRtcp: Uint8Array[] = [];

  constructor(
    id: string,
    private readonly room: VirtualRoom,
    connected: boolean,
  ) {
    this.rtpDestination = connected ? this : null;
    this.rtp = new RtpTransport(id, room.router, this, room.environment);
  }

  /** The reasons that occurred. */
  get drops(): Record<string, number> {
    const all = Object.entries(this.rtp.drops.snapshot());
    return Object.fromEntries(all.filter(([, count]) => count > 0));
  }

  connect(): void {
    this.rtpDestination = this;
    this.rtp.connected(this.room.now);
  }

  sendRtcp(bytes: Uint8Array, offset: number, length: number): void {
    this.sentRtcp.push(bytes.slice(offset, offset + length));
  }

  collect(bytes: Uint8Array): void {
    const packet = new RtpPacket();
    if (packet.parse(bytes, 0, bytes.length) !== RtpParseError.Ok)
      throw new Error('sent something that is not RTP');
    const { payloadType, sequenceNumber, timestamp, ssrc, marker } = packet;
    const payload = bytes.slice(packet.payloadOffset, packet.payloadOffset + packet.payloadLength);
    this.sent.push({
      at: this.room.now,
      payloadType,
      sequenceNumber,
      timestamp,
      ssrc,
      marker,
      payload,
      bytes,
      packet,
    });
  }

  receive(bytes: Uint8Array): void {
    this.rtp.receiveRtp(this.room.now, bytes.slice(), 0, bytes.length);
    this.room.flush();
  }

  receiveRtcp(bytes: Uint8Array): void {
    this.rtp.receiveRtcp(this.room.now, bytes.slice(), 0, bytes.length);
    this.room.flush();
  }

  /** The RTCP packets sent so far with this type and format, oldest first. */
  rtcp(type: number, format?: number): Uint8Array[] {
    const found: Uint8Array[] = [];
    const reader = new RtcpReader();
    for (const compound of this.sentRtcp) {
      reader.begin(compound, 0, compound.length);
      while (reader.next()) {
        if (reader.packetType !== type || (format !== undefined && reader.count !== format)) continue;
        found.push(compound.slice(reader.packetOffset, reader.packetOffset + reader.packetLength));
      }
    }
    return found;
  }

  produce(settings: Partial<ProducerSettings> & { rtpParameters: RtpParameters }): Producer {
    const encodings = settings.rtpParameters.encodings ?? [{}];
    const producer = this.rtp.produce(this.room.now, {
      id: 'producer',
      kind: 'video',
      type: encodings.length > 1 ? 'simulcast' : 'simple',
      rtpMapping: {
        codecs: settings.rtpParameters.codecs.map(({ payloadType }) => ({
          payloadType,
          mappedPayloadType: payloadType + 1,
        })),
        encodings: encodings.map((encoding, index) => ({ ...encoding, mappedSsrc: 9000 + index })),
      },
      keyFrameRequestDelay: 0,
      paused: false,
      ...settings,
    });
    return producer;
  }

  consume(settings: Partial<ConsumerSettings> & { rtpParameters: RtpParameters }): Consumer {
    const consumer = this.rtp.consume(this.room.now, {
      id: 'consumer',
      producerId: 'producer',
      kind: 'video',
      type: 'simple',
      consumableRtpEncodings: [] as RtpEncodingParameters[],
      paused: false,
      ignoreDtx: false,
      ...settings,
    });
    this.room.flush();
    return consumer;
  }
}

const extensions: RtpParameters['headerExtensions'] = [
  { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: MID_ID },
  { uri: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id', id: RID_ID },
  { uri: 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id', id: RRID_ID },
  { uri: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time', id: ABS_SEND_TIME_ID },
  { uri: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01', id: TWCC_ID },
];

const feedback = [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'transport-cc' }];

/** VP8 with RTX as a sender offers it: payload types 96 and 97. */
export function vp8Sender(encodings: RtpEncodingParameters[], mid = 'sender'): RtpParameters {
  return {
    mid,
    codecs: [
      { mimeType: 'video/VP8', payloadType: 96, clockRate: 90000, rtcpFeedback: feedback },
      { mimeType: 'video/rtx', payloadType: 97, clockRate: 90000, parameters: { apt: 96 } },
    ],
    headerExtensions: extensions,
    encodings,
    rtcp: { cname: 'cname' },
  };
}

/**
 * The receiving side of it: the router's payload types are one higher in these tests.
 * @param reports it reports what arrives (transport-cc), so what it gets is bounded by what its network carries
 */
export function vp8Receiver(ssrc: number, mid = '7', reports = false): RtpParameters {
  const rtcpFeedback = feedback.filter(({ type }) => reports || type !== 'transport-cc');
  return {
    mid,
    codecs: [
      { mimeType: 'video/VP8', payloadType: 97, clockRate: 90000, rtcpFeedback },
      { mimeType: 'video/rtx', payloadType: 98, clockRate: 90000, parameters: { apt: 97 } },
    ],
    headerExtensions: extensions,
    encodings: [{ ssrc, rtx: { ssrc: ssrc + 1 } }],
    rtcp: { cname: 'cname' },
  };
}

export function opusSender(ssrc: number): RtpParameters {
  return {
    mid: 'audio',
    codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48000, channels: 2 }],
    headerExtensions: extensions,
    encodings: [{ ssrc }],
    rtcp: { cname: 'cname' },
  };
}

export function opusReceiver(ssrc: number): RtpParameters {
  return {
    mid: '8',
    codecs: [{ mimeType: 'audio/opus', payloadType: 112, clockRate: 48000, channels: 2 }],
    headerExtensions: extensions,
    encodings: [{ ssrc }],
    rtcp: { cname: 'cname' },
  };
}

import { writeU16 } from '#src/rtp/bytes.js';
import { writeSenderReport } from '#src/rtp/rtcp/sender-report.js';
import { ntpFraction, ntpSeconds } from '#src/stream/ntp.js';
import { ascii, buildRtp } from '../rtp-builder.js';
import { MID_ID, RID_ID, RRID_ID } from '../virtual-room.js';
import { DEPENDENCY_ID, RTX_TYPE } from './parameters.js';

/** Packets that a browser keeps for retransmission. */
const KEPT = 1500;

interface StoredPacket {
  sequenceNumber: number;
  timestamp: number;
  marker: boolean;
  payload: Uint8Array;
  descriptor: Uint8Array | null;
}

export interface SentStreamOptions {
  ssrc: number;
  mid: string;
  rid: string;
  payloadType: number;
  clockRate: number;
  firstSequence: number;
  firstTimestamp: number;
  /** What the sender's clock shows at time 0, in milliseconds since 1970. */
  clockOffset: number;
}

/** One outgoing RTP stream of a publisher, with its retransmissions and reports. */
export class SentStream {
  packets = 0;
  octets = 0;
  private sequence: number;
  private rtxSequence = 0;
  private readonly kept = new Map<number, StoredPacket>();

  constructor(
    readonly options: SentStreamOptions,
    private readonly send: (data: Uint8Array, rtcp: boolean) => void,
  ) {
    this.sequence = options.firstSequence;
  }

  timestampAt(now: number): number {
    const { firstTimestamp, clockRate } = this.options;
    return (firstTimestamp + Math.round((now * clockRate) / 1000)) >>> 0;
  }

  packet(timestamp: number, marker: boolean, payload: Uint8Array, descriptor: Uint8Array | null): void {
    const { ssrc, payloadType } = this.options;
    const stored = { sequenceNumber: this.sequence, timestamp, marker, payload, descriptor };
    this.sequence = (this.sequence + 1) & 0xffff;
    this.kept.set(stored.sequenceNumber, stored);
    this.kept.delete((stored.sequenceNumber - KEPT) & 0xffff);
    this.packets += 1;
    this.octets += payload.length;
    this.send(buildRtp({ ...stored, ssrc, payloadType, ...this.extensions(RID_ID, descriptor) }), false);
  }

  /** Sends a packet again over RTX (RFC 4588), when it is still there. */
  retransmit(sequenceNumber: number): boolean {
    const stored = this.kept.get(sequenceNumber);
    if (stored === undefined) return false;
    const payload = new Uint8Array(stored.payload.length + 2);
    writeU16(payload, 0, sequenceNumber);
    payload.set(stored.payload, 2);
    this.rtxSequence = (this.rtxSequence + 1) & 0xffff;
    const packet = {
      ...stored,
      payload,
      sequenceNumber: this.rtxSequence,
      ssrc: this.options.ssrc + 1,
      payloadType: RTX_TYPE,
      ...this.extensions(RRID_ID, stored.descriptor),
    };
    this.send(buildRtp(packet), false);
    return true;
  }

  report(now: number): void {
    if (this.packets === 0) return;
    const unixMs = this.options.clockOffset + now;
    const out = new Uint8Array(64);
    const end = writeSenderReport(out, 0, {
      ssrc: this.options.ssrc,
      ntpSeconds: ntpSeconds(unixMs),
      ntpFraction: ntpFraction(unixMs),
      rtpTimestamp: this.timestampAt(now),
      packetCount: this.packets,
      octetCount: this.octets,
    });
    this.send(out.slice(0, end), true);
  }

  private extensions(
    ridId: number,
    descriptor: Uint8Array | null,
  ): { extensions: { id: number; data: Uint8Array }[]; twoByteExtensions: boolean } {
    const { mid, rid } = this.options;
    const extensions = [{ id: MID_ID, data: ascii(mid) }];
    if (rid !== '') extensions.push({ id: ridId, data: ascii(rid) });
    if (descriptor !== null) extensions.push({ id: DEPENDENCY_ID, data: descriptor });
    return { extensions, twoByteExtensions: (descriptor?.length ?? 0) > 16 };
  }
}

// Hot path: write() runs once per packet and receiver. It allocates nothing.
import { readU32, writeU16, writeU32 } from '../rtp/bytes.js';
import { writeActiveDecodeTargets } from '../rtp/codecs/dependency-writer.js';
import { toAbsSendTime } from '../rtp/header-extensions.js';
import { type RtpParameters } from '../rtp/rtp-parameters.js';
import { tsAdd } from '../rtp/sequence.js';
import { type RtpMunger } from '../stream/rtp-munger.js';
import { writeRtx } from '../stream/rtx.js';
import { type SendStream } from '../stream/send-stream.js';
import {
  canonicalHeaderLength,
  dependencyLength,
  findDependency,
  ReceiverHeader,
} from './canonical-packet.js';
import { DIRECT, type WriterTransport } from './consumer-ports.js';
import { type CoreEnvironment } from './environment.js';
import { writePaddingPacket } from './padding-packet.js';
import { type RedStripper } from './red-stripper.js';

/**
 * Makes what lies in the sender's ring this receiver's, in the next outgoing slot: as media, as a retransmission
 * (RFC 4588) or as padding. What was decided for a packet travels in a token, so that it can be written later, and again,
 * in the same way: the era of the munger and the marker bit.
 */
export class ConsumerWriter {
  readonly header: ReceiverHeader;
  private readonly rtxPayloadTypes = new Uint8Array(128);
  private rtxPaddingType = 0;
  private rtxSequence: number;
  /** Bit i: the receiver gets decode target i of the dependency descriptor; -1 leaves it as the sender wrote it. */
  decodeTargets = -1;
  decodeTargetCount = 0;

  constructor(
    rtpParameters: RtpParameters,
    private readonly send: SendStream,
    private readonly munger: RtpMunger,
    /** For a receiver that lacks the redundancy which the sender adds. */
    private readonly red: RedStripper | null,
    private readonly transport: WriterTransport,
    private readonly environment: CoreEnvironment,
  ) {
    this.header = new ReceiverHeader(rtpParameters.mid, rtpParameters.headerExtensions ?? []);
    for (const codec of rtpParameters.codecs) {
      if (!/\/rtx$/i.test(codec.mimeType)) continue;
      this.rtxPayloadTypes[Number(codec.parameters?.['apt']) & 0x7f] = codec.payloadType;
      this.rtxPaddingType ||= codec.payloadType;
    }
    // Low first numbers keep the receiver's SRTP rollover guess safe while the first packets may be lost or reordered.
    this.rtxSequence = environment.random32() & 0x3fff;
  }

  /** Packets carry a transport-wide sequence number. */
  get numbered(): boolean {
    return this.header.withTransportSequence;
  }

  get canPad(): boolean {
    return this.send.rtxSsrc !== undefined && this.rtxPaddingType !== 0;
  }

  /**
   * @param source where the canonical packet lies in the arena
   * @param repeated it was sent before under this number: the receiver drops one of the two unread, so it is not reported
   * @returns bytes put into the batch, 0 when there is no room or no way out
   */
  write(
    now: number,
    source: number,
    length: number,
    output: number,
    token: number,
    probeCluster: number,
    repeated = false,
  ): number {
    const { sink } = this.transport;
    const slot = sink.rtpDestination === null ? -1 : this.transport.egress.acquireSlot();
    if (slot < 0 || sink.rtpDestination === null) return 0;
    const { arena, batch } = this.environment;
    const { bytes } = arena;
    const written = this.copy(bytes, slot, source, length);
    if (written === 0) return 0;
    this.address(bytes, slot, token, output, this.send.ssrc);
    const numbered = this.header.withTransportSequence && !repeated;
    const number = this.transport.egress.numberPacket(now, written, probeCluster, repeated, numbered);
    this.header.apply(bytes, slot, toAbsSendTime(now), number);
    this.rewrite(bytes, slot, slot + canonicalHeaderLength(bytes, slot), written, token);
    batch.commit(written, sink.srtpSender, sink.rtpDestination);
    return written;
  }

  /** The same as a retransmission. */
  writeRtx(
    now: number,
    source: number,
    length: number,
    output: number,
    token: number,
    probeCluster: number,
  ): number {
    const { sink } = this.transport;
    const { arena, batch } = this.environment;
    const { bytes } = arena;
    if (sink.rtpDestination === null || this.send.rtxSsrc === undefined) return 0;
    const slot = this.transport.egress.acquireSlot();
    if (slot < 0) return 0;
    const headerLength = canonicalHeaderLength(bytes, source);
    const rtxLength = this.copyRtx(bytes, slot, source, length, headerLength, output);
    const payloadType = this.rtxPayloadTypes[bytes[slot + 1] & 0x7f];
    if (rtxLength === 0 || payloadType === 0) return 0;
    this.address(bytes, slot, token, this.nextRtxSequence(), this.send.rtxSsrc);
    bytes[slot + 1] = (bytes[slot + 1] & 0x80) | payloadType;
    const number = this.number(now, rtxLength, probeCluster, true);
    this.header.apply(bytes, slot, toAbsSendTime(now), number);
    this.rewrite(bytes, slot, slot + headerLength + 2, rtxLength, token);
    batch.commit(rtxLength, sink.srtpSender, sink.rtpDestination);
    return rtxLength;
  }

  /** Only padding, on the retransmission stream, where numbers have no meaning for the picture. */
  writePadding(now: number, wanted: number, timestamp: number, probeCluster: number): number {
    if (!this.canPad || this.send.rtxSsrc === undefined) return 0;
    return this.writeEmpty(
      now,
      this.rtxPaddingType,
      this.nextRtxSequence(),
      timestamp,
      this.send.rtxSsrc,
      wanted,
      probeCluster,
    );
  }

  /** A packet without payload under a number of the media: what was meant for it turned out not to be for this receiver. */
  writeFiller(now: number, payloadType: number, output: number, timestamp: number): number {
    return this.writeEmpty(now, payloadType, output, timestamp, this.send.ssrc, 1, DIRECT);
  }

  private writeEmpty(
    now: number,
    payloadType: number,
    sequenceNumber: number,
    timestamp: number,
    ssrc: number,
    size: number,
    probeCluster: number,
  ): number {
    const { sink } = this.transport;
    const slot = sink.rtpDestination === null ? -1 : this.transport.egress.acquireSlot();
    if (slot < 0 || sink.rtpDestination === null) return 0;
    const { bytes } = this.environment.arena;
    const length = writePaddingPacket(bytes, slot, payloadType, sequenceNumber, timestamp, ssrc, size);
    const number = this.number(now, length, probeCluster, false);
    this.header.apply(bytes, slot, toAbsSendTime(now), number);
    this.environment.batch.commit(length, sink.srtpSender, sink.rtpDestination);
    return length;
  }

  /** The one copy per receiver. @returns the length, 0 when the packet is not for this receiver */
  private copy(bytes: Uint8Array, slot: number, source: number, length: number): number {
    const { red } = this;
    if (red !== null && (bytes[source + 1] & 0x7f) === red.payloadType) {
      return red.copy(bytes, slot, source, length, canonicalHeaderLength(bytes, source), 0);
    }
    bytes.copyWithin(slot, source, source + length);
    return length;
  }

  private copyRtx(
    bytes: Uint8Array,
    slot: number,
    source: number,
    length: number,
    headerLength: number,
    output: number,
  ): number {
    const { red } = this;
    if (red === null || (bytes[source + 1] & 0x7f) !== red.payloadType) {
      return writeRtx(bytes, slot, source, length, headerLength, output);
    }
    const written = red.copy(bytes, slot, source, length, headerLength, 2);
    writeU16(bytes, slot + headerLength, output);
    return written;
  }

  private address(
    bytes: Uint8Array,
    slot: number,
    token: number,
    sequenceNumber: number,
    ssrc: number,
  ): void {
    const era = tokenEra(token);
    bytes[slot + 1] = (bytes[slot + 1] & 0x7f) | (token & 1 ? 0x80 : 0);
    writeU16(bytes, slot + 2, sequenceNumber);
    writeU32(bytes, slot + 4, tsAdd(readU32(bytes, slot + 4), this.munger.timestampOffsetOf(era)));
    writeU32(bytes, slot + 8, ssrc);
  }

  private rewrite(bytes: Uint8Array, slot: number, payload: number, length: number, token: number): void {
    const era = tokenEra(token);
    this.munger.rewritePayload(bytes, payload, slot + length - payload, era);
    if (!this.header.withDependency) return;
    const dependency = findDependency(bytes, slot);
    if (dependency < 0) return;
    this.munger.rewriteFrameNumber(bytes, dependency, era);
    if (this.decodeTargets < 0) return;
    const size = dependencyLength(bytes, slot);
    writeActiveDecodeTargets(bytes, dependency, size, this.decodeTargets, this.decodeTargetCount);
  }

  private number(now: number, length: number, probeCluster: number, rtx: boolean): number {
    return this.transport.egress.numberPacket(
      now,
      length,
      probeCluster,
      rtx,
      this.header.withTransportSequence,
    );
  }

  private nextRtxSequence(): number {
    const sequence = this.rtxSequence;
    this.rtxSequence = (this.rtxSequence + 1) & 0xffff;
    return sequence;
  }
}

/** What was decided for a packet: the munger's era and the marker bit, in one number. */
export function makeToken(era: number, marker: boolean): number {
  return era * 2 + (marker ? 1 : 0);
}

export function tokenEra(token: number): number {
  return token >>> 1;
}

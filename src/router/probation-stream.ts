import { toAbsSendTime } from '../rtp/header-extensions.js';
import { type RtpParameters } from '../rtp/rtp-parameters.js';
import { ReceiverHeader } from './canonical-packet.js';
import { type CoreEnvironment, type TransportSink } from './environment.js';
import { writePaddingPacket } from './padding-packet.js';
import { type TransportCounters } from './transport-counters.js';

/** mediasoup-client makes room for a stream with these in each receiving transport; other receivers ignore it. */
const SSRC = 1234;
const MID = 'probator';
const PAYLOAD_TYPE = 127;

/** What it needs of the way out. */
export interface ProbationEgress {
  acquireSlot(): number;
  numberPacket(now: number, length: number, probeCluster: number, rtx: boolean, numbered: boolean): number;
}

/** Padding under an SSRC of its own: tries out a bitrate when no picture is being sent that could carry it. */
export class ProbationStream {
  private readonly header: ReceiverHeader;
  private sequenceNumber: number;
  private timestamp = 0;

  /** @param video of a consumer of the transport: the header extensions are the same */
  constructor(
    video: RtpParameters,
    private readonly host: { readonly sink: TransportSink; readonly counters: TransportCounters },
    private readonly egress: ProbationEgress,
    private readonly environment: CoreEnvironment,
  ) {
    this.header = new ReceiverHeader(MID, video.headerExtensions ?? []);
    this.sequenceNumber = environment.random32() & 0x3fff;
  }

  /** @returns bytes put on the wire, 0 when there is no way out or no room */
  send(now: number, bytes: number, probeCluster: number): number {
    const { sink, counters } = this.host;
    const slot = sink.rtpDestination === null ? -1 : this.egress.acquireSlot();
    if (slot < 0 || sink.rtpDestination === null) return 0;
    const { arena, batch } = this.environment;
    this.sequenceNumber = (this.sequenceNumber + 1) & 0xffff;
    this.timestamp = Math.round(now * 90) >>> 0;
    const length = writePaddingPacket(
      arena.bytes,
      slot,
      PAYLOAD_TYPE,
      this.sequenceNumber,
      this.timestamp,
      SSRC,
      bytes,
    );
    const { withTransportSequence } = this.header;
    const number = this.egress.numberPacket(now, length, probeCluster, false, withTransportSequence);
    this.header.apply(arena.bytes, slot, toAbsSendTime(now), number);
    batch.commit(length, sink.srtpSender, sink.rtpDestination);
    counters.probationSent(now, length);
    return length;
  }
}

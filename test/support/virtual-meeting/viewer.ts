import { FEEDBACK_INTERVAL_MS, TransportFeedbackSender } from '#src/bwe/transport-feedback-sender.js';
import { readU16 } from '#src/rtp/bytes.js';
import { readTransportSequence } from '#src/rtp/header-extensions.js';
import { writeNack } from '#src/rtp/rtcp/nack.js';
import { writePli } from '#src/rtp/rtcp/pli.js';
import type { ReportBlock } from '#src/rtp/rtcp/report-block.js';
import { writeReceiverReport } from '#src/rtp/rtcp/receiver-report.js';
import { RtcpReader, RtcpType } from '#src/rtp/rtcp/rtcp-reader.js';
import { SenderReport } from '#src/rtp/rtcp/sender-report.js';
import { RtpPacket, RtpParseError } from '#src/rtp/rtp-packet.js';
import type { ConsumerLayers } from '#src/rtp/rtp-parameters.js';
import { TWCC_ID } from '../virtual-room.js';
import type { Camera } from './camera.js';
import { Watched } from './watched.js';
import type { Datagram, MeetingTransport } from './meeting-transport.js';
import type { Microphone } from './microphone.js';
import type { VirtualMeeting } from './virtual-meeting.js';

/** A browser looks this often what is missing. */
const TICK_MS = 10;
const REPORT_INTERVAL_MS = 1000;
const OWN_SSRC = 77;
/** mediasoup-client makes room for this stream. */
const PROBATION_SSRC = 1234;

export interface WatchOptions {
  preferredLayers?: ConsumerLayers;
  paused?: boolean;
  priority?: number;
}

/** One who watches and listens, and answers with the RTCP of a browser. */
export class Viewer {
  readonly watched: Watched[] = [];
  probationPackets = 0;
  padding = 0;
  private readonly streams = new Map<number, Watched>();
  private readonly feedback = new TransportFeedbackSender();
  private readonly packet = new RtpPacket();
  private readonly reader = new RtcpReader();
  private readonly senderReport = new SenderReport();
  private readonly scratch = new Uint8Array(1500);

  constructor(
    readonly meeting: VirtualMeeting,
    readonly transport: MeetingTransport,
  ) {
    transport.peer = { receive: (now, datagram) => this.receive(now, datagram) };
    this.every(FEEDBACK_INTERVAL_MS, () => this.sendFeedback());
    this.every(REPORT_INTERVAL_MS, (now) => this.sendReports(now));
    this.every(TICK_MS, (now) => this.repair(now));
  }

  watch(camera: Camera, options: WatchOptions = {}): Watched {
    return this.consume(camera, options);
  }

  listen(microphone: Microphone): Watched {
    return this.consume(microphone, {});
  }

  /** bps that the router thinks there is room for; NaN while it does not control this viewer. */
  get estimate(): number {
    const stats = this.transport.rtp.egress.stats(this.meeting.now);
    return stats['availableOutgoingBitrate'] ?? Number.NaN;
  }

  /** bps that left the bottleneck. */
  bitrate(from: number, to: number): number {
    return (this.transport.down.record.bits(from, to) * 1000) / (to - from);
  }

  /** A key frame of this stream is asked for, whatever came. */
  sendPli(watched: Watched): void {
    watched.plis.push(this.meeting.now);
    this.send((bytes) => writePli(bytes, 0, OWN_SSRC, watched.stream.ssrc));
  }

  private consume(source: Camera | Microphone, options: WatchOptions): Watched {
    const { meeting } = this;
    const ssrc = meeting.nextSsrc();
    const mid = String(this.streams.size);
    const settings = Watched.settings(this.transport.name, source, ssrc, mid, options);
    const consumer = meeting.enter((now) => this.transport.rtp.consume(now, settings));
    if (options.priority !== undefined) consumer.setPriority(meeting.now, options.priority);
    const watched = new Watched(meeting.time, consumer, source.mimeType, ssrc);
    this.watched.push(watched);
    this.streams.set(ssrc, watched);
    this.streams.set(ssrc + 1, watched);
    return watched;
  }

  private receive(now: number, { data, rtcp }: Datagram): void {
    if (rtcp) return this.receiveRtcp(now, data);
    const { packet } = this;
    if (packet.parse(data, 0, data.length) !== RtpParseError.Ok) throw new Error('not RTP');
    const at = packet.findExtension(TWCC_ID);
    const number = at < 0 ? -1 : readTransportSequence(data, at, packet.extensionDataLength);
    if (number >= 0) this.feedback.record(now, number);
    const watched = this.streams.get(packet.ssrc);
    if (packet.ssrc === PROBATION_SSRC) this.probationPackets += 1;
    else if (watched === undefined) throw new Error(`unknown SSRC ${packet.ssrc}`);
    else if (packet.ssrc === watched.stream.ssrc) watched.receive(now, packet, false);
    else if (packet.payloadLength >= 2) this.receiveRtx(now, watched);
    if (packet.payloadLength === 0) this.padding += 1;
  }

  /** Makes the original packet of a retransmission (RFC 4588), in place. */
  private receiveRtx(now: number, watched: Watched): void {
    const { packet } = this;
    packet.sequenceNumber = readU16(packet.bytes, packet.payloadOffset);
    packet.payloadOffset += 2;
    packet.payloadLength -= 2;
    watched.receive(now, packet, true);
  }

  private receiveRtcp(now: number, data: Uint8Array): void {
    const { reader, senderReport } = this;
    reader.begin(data, 0, data.length);
    while (reader.next()) {
      if (reader.packetType !== RtcpType.SR) continue;
      senderReport.parse(data, reader.packetOffset, reader.packetLength);
      const { ssrc, ntpSeconds, ntpFraction } = senderReport;
      const compact = (((ntpSeconds & 0xffff) << 16) | (ntpFraction >>> 16)) >>> 0;
      this.streams.get(ssrc)?.stream.receiveSenderReport(now, compact);
    }
  }

  private sendFeedback(): void {
    while (this.feedback.pending) this.send((bytes) => this.feedback.write(bytes, 0, OWN_SSRC, OWN_SSRC));
  }

  private sendReports(now: number): void {
    const blocks: ReportBlock[] = [];
    for (const { stream } of this.watched) {
      const block = stream.reportBlock(now);
      if (block !== null) blocks.push(block);
    }
    if (blocks.length > 0) this.send((bytes) => writeReceiverReport(bytes, 0, OWN_SSRC, blocks));
  }

  private repair(now: number): void {
    for (const watched of this.watched) {
      const { stream, video } = watched;
      if (stream.pending > 0) {
        const due = stream.dueNacks(now, this.transport.roundTripMs);
        if (due.length > 0) this.send((bytes) => writeNack(bytes, 0, OWN_SSRC, stream.ssrc, due));
      }
      if (video?.wantsKeyFrame(now)) this.sendPli(watched);
    }
  }

  /** Writes one RTCP packet into the bytes given and returns its end. */
  private send(write: (bytes: Uint8Array) => number): void {
    const end = write(this.scratch);
    if (end > 0) this.transport.send(this.scratch.slice(0, end), true);
  }

  private every(ms: number, action: (now: number) => void): void {
    this.meeting.time.after(ms, () => {
      action(this.meeting.now);
      this.every(ms, action);
    });
  }
}

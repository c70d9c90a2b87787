// Hot path: enter() runs once per packet and receiver. It allocates nothing.
import { type RtpMunger } from '../stream/rtp-munger.js';
import { type SendStream } from '../stream/send-stream.js';
import { type Resender } from './consumer-resend.js';
import { makeToken } from './consumer-writer.js';
import { type SteadyFilter } from './layer-filter.js';
import { type LoggedPacket } from './stream-log.js';
import { type TransportCounters } from './transport-counters.js';

/** What is known of the packets that one receiver was sent: numbers, pictures, what may be sent again, counters. */
export class ConsumerBooks {
  /** Which packets it gets; null while each goes the full way. */
  filter: SteadyFilter | null = null;

  constructor(
    readonly numbers: RtpMunger,
    private readonly sending: SendStream,
    private readonly resender: Resender,
    private readonly counters: TransportCounters,
    private readonly video: boolean,
  ) {}

  /** A packet that went the short way (see InStep): what the full way does for one that goes out at once, but for writing it. */
  enter(packet: LoggedPacket, output: number): void {
    const { numbers, sending, resender } = this;
    const { now, sequenceNumber, length, marker } = packet;
    const admitted = this.filter!.admits(packet);
    const number = numbers.follow(sequenceNumber, packet.pictureId, packet.tl0PicIdx);
    if (!admitted || number !== output) {
      throw new Error(
        `packet ${sequenceNumber} was sent as ${output} of SSRC ${sending.ssrc}, its number is ${number}`,
      );
    }
    const timestamp = numbers.timestamp(packet.timestamp);
    numbers.sent(now, timestamp, marker);
    resender.record(now, output, sequenceNumber, makeToken(numbers.era, marker));
    sending.sent(now, timestamp, length - packet.headerLength, length);
    this.counters.rtpSent(now, length);
    if (this.video) resender.guardTail(now, output, length, marker, true);
  }
}

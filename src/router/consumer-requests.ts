import { type SendStream } from '../stream/send-stream.js';
import { type ControlledStream } from './congestion-host.js';
import { type ConsumerTransport, DIRECT } from './consumer-ports.js';
import { type Resender } from './consumer-resend.js';
import { type ConsumerTrace } from './consumer-trace.js';
import { KeyFrameAllowance } from './key-frame-allowance.js';

/** Milliseconds for which a request that came before the path was known to be up again says that it is. */
const ANSWERED_MS = 500;

/** What is to be known of the consumer whose receiver asks. */
export interface AskedConsumer extends ControlledStream {
  readonly send: SendStream;
  readonly video: boolean;
  /** Packets go to the receiver: nobody has paused it and there is bitrate for it. */
  readonly flowing: boolean;
  readonly transport: ConsumerTransport;
  requestKeyFrame(now: number): void;
}

/** What one receiver asks for by RTCP, key frames and lost packets, and what it gets of that. */
export class ConsumerRequests {
  private readonly keyFrames = new KeyFrameAllowance();
  /** When the receiver last asked for a key frame, and when one last began to go out. */
  private keyFrameAskedAt = Number.NEGATIVE_INFINITY;
  private keyFrameSentAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly consumer: AskedConsumer,
    private readonly resender: Resender,
    private readonly trace: ConsumerTrace,
  ) {}

  /** RFC 4585 6.3.1 or RFC 5104 4.3.1: the receiver cannot decode. */
  keyFrame(now: number, how: 'pli' | 'fir'): void {
    const { consumer } = this;
    this.keyFrameAskedAt = now;
    if (how === 'pli') consumer.send.pliCount += 1;
    else consumer.send.firCount += 1;
    this.trace.received(now, how);
    // While nothing goes out there is nothing to decode, and what does later begins with a key frame.
    if (!consumer.flowing) return;
    // One went out after this was written: if it was lost as well, the receiver asks again.
    if (now - this.keyFrameSentAt < consumer.send.roundTripMs) return;
    if (this.keyFrames.take(now, this.keyFrameSentAt)) consumer.requestKeyFrame(now);
    else consumer.transport.drops.count('key-frame-request-too-often');
  }

  /** A key frame begins to go out. */
  keyFrameSent(now: number): void {
    this.keyFrameSentAt = now;
  }

  /** The receiver has asked for a key frame just now, and got it. */
  keyFrameAnswered(now: number): boolean {
    return now - this.keyFrameAskedAt < ANSWERED_MS && this.keyFrameSentAt >= this.keyFrameAskedAt;
  }

  /** A NACK message begins; retransmission() follows for each packet it asks for. */
  nack(now: number): void {
    const { send, transport } = this.consumer;
    send.nackCount += 1;
    transport.egress.asked(now);
    this.trace.received(now, 'nack');
  }

  /** Answers a generic NACK with what is still kept (RFC 4585 6.2.1, over RFC 4588). */
  retransmission(now: number, output: number): void {
    const { consumer, resender } = this;
    const { send } = consumer;
    const { drops, egress } = consumer.transport;
    send.nackPacketCount += 1;
    if (send.rtxSsrc === undefined) return drops.count('retransmission-unknown');
    // The first words after an outage: a few frames from its beginning, and then none until the key frame that follows it,
    // would be one more standstill.
    if (consumer.video && egress.unreachable(now)) return drops.count('retransmission-in-outage');
    const length = resender.request(now, output);
    if (length === 0) return;
    const input = resender.inputOf(output);
    const token = resender.tokenOf(output);
    const answered = egress.admits(now)
      ? resender.sendPaced(now, output, input, token, true, DIRECT) > 0
      : egress.enqueue(now, consumer, output, input, token, true, length);
    if (answered) return resender.answered(now, output, egress.mayCopy(now));
    send.returnRetransmission(length);
    drops.count('pacer-full');
  }
}

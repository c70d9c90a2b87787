import { FEEDBACK_INTERVAL_MS, TransportFeedbackSender } from '#src/bwe/transport-feedback-sender.js';
import type { Link } from './link.js';
import { WIRE_OVERHEAD, type FeedbackPacket, type MediaPacket } from './media-packet.js';
import type { MediaFlowRecord } from './plan-run.js';
import type { VirtualTime } from './virtual-time.js';

const REPORT_INTERVAL_MS = 1000;
const MAX_FEEDBACK_BYTES = 1500;

/** A viewer: answers with transport-wide feedback, byte for byte as it would be on the wire. */
export class MediaReceiver {
  private readonly feedback = new TransportFeedbackSender();
  private readonly scratch = new Uint8Array(MAX_FEEDBACK_BYTES);
  private lastReport = 0;
  private lastArrival = 0;
  private lastSentAt = -1;

  constructor(
    private readonly time: VirtualTime,
    private readonly record: MediaFlowRecord,
    private readonly returnLink: Link,
    private readonly sender: { receive(now: number, packet: FeedbackPacket): void },
    private readonly extraDelayMs: number,
    phaseMs: number,
  ) {
    time.at(phaseMs, () => this.tick());
  }

  receive(now: number, packet: MediaPacket): void {
    this.feedback.record(now, packet.transportSequence);
    this.record.arrived(packet);
    this.lastArrival = now;
    this.lastSentAt = packet.sentAt;
  }

  private tick(): void {
    const { now } = this.time;
    while (this.feedback.pending) {
      const end = this.feedback.write(this.scratch, 0, 1, 2);
      if (end === 0) break;
      const reports = this.lastSentAt >= 0 && now - this.lastReport >= REPORT_INTERVAL_MS;
      if (reports) this.lastReport = now;
      const packet: FeedbackPacket = {
        flow: -1,
        bytes: end + WIRE_OVERHEAD,
        rtcp: this.scratch.slice(0, end),
        // As a receiver report gives it with LSR and DLSR (RFC 3550 section 6.4.1).
        roundTripStart: reports ? this.lastSentAt + (now - this.lastArrival) : -1,
      };
      this.returnLink.send(packet, this.sender, this.extraDelayMs);
    }
    this.time.after(FEEDBACK_INTERVAL_MS, () => this.tick());
  }
}

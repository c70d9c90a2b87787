import type { Link, Packet } from './link.js';
import type { UdpFlowPlan } from './plan.js';
import type { VirtualTime } from './virtual-time.js';

/** Cross traffic that does not care: constant rate while it is on. */
export class UdpFlow {
  constructor(
    private readonly time: VirtualTime,
    private readonly flow: number,
    private readonly plan: UdpFlowPlan,
    private readonly link: Link,
  ) {
    time.at(plan.start, () => this.send());
  }

  receive(_now: number, _packet: Packet): void {
    // Nobody is waiting for it.
  }

  private send(): void {
    const { start, stop, bitrate, packetBytes = 1200, onMs = Infinity, offMs = 0 } = this.plan;
    const { now } = this.time;
    if (now >= stop) return;
    const phase = onMs === Infinity ? 0 : (now - start) % (onMs + offMs);
    if (phase >= onMs) return this.time.at(now - phase + onMs + offMs, () => this.send());
    this.link.send({ flow: this.flow, bytes: packetBytes }, this);
    this.time.after((packetBytes * 8000) / bitrate, () => this.send());
  }
}

import { type CoreEnvironment } from './environment.js';
import { type ForwardedPacket } from './forwarded-packet.js';

/** Of all consumers that trace nothing. */
const NONE: ReadonlySet<string> = new Set();

/** The 'trace' events of one consumer, as mediasoup documents them. */
export class ConsumerTrace {
  private types = NONE;
  /** Anything is traced at all: the packet path looks at this first. */
  enabled = false;

  constructor(
    private readonly id: string,
    private readonly ssrc: number,
    private readonly environment: CoreEnvironment,
  ) {}

  enable(types: readonly string[]): void {
    this.types = new Set(types);
    this.enabled = types.length > 0;
  }

  get enabledTypes(): string[] {
    return [...this.types];
  }

  /** RTCP that concerns the stream: 'pli', 'fir', 'nack'. */
  received(now: number, type: string): void {
    if (this.types.has(type)) this.emit(now, type, 'in', { ssrc: this.ssrc });
  }

  sent(now: number, packet: ForwardedPacket, sequenceNumber: number, timestamp: number): void {
    const { ssrc } = this;
    const { keyFrame: isKeyFrame, payloadType, marker, length: size, headerLength } = packet;
    const payloadSize = size - headerLength;
    const info = { payloadType, sequenceNumber, timestamp, marker, ssrc, isKeyFrame, size, payloadSize };
    if (this.types.has('rtp')) this.emit(now, 'rtp', 'out', info);
    if (isKeyFrame && this.types.has('keyframe')) this.emit(now, 'keyframe', 'out', info);
  }

  private emit(now: number, type: string, direction: 'in' | 'out', info: Record<string, unknown>): void {
    const timestamp = Math.round(this.environment.wallClockOffset + now);
    this.environment.notify(this.id, 'trace', { type, timestamp, direction, info });
  }
}

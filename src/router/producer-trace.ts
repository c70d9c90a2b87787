import { type RtpPacket } from '../rtp/rtp-packet.js';
import { type CoreEnvironment } from './environment.js';

/** The 'trace' events of a producer that the application has switched on. */
export class ProducerTrace {
  private types = new Set<string>();

  constructor(
    private readonly producerId: string,
    private readonly environment: CoreEnvironment,
  ) {}

  /** Of `rtp`, `keyframe`, `nack`, `pli`, `fir`, `sr`; replaces what was on. */
  enable(types: readonly string[]): void {
    this.types = new Set(types);
  }

  get enabled(): string[] {
    return [...this.types];
  }

  has(type: string): boolean {
    return this.types.has(type);
  }

  emit(now: number, type: string, direction: 'in' | 'out', info: Record<string, unknown>): void {
    const timestamp = Math.round(this.environment.wallClockOffset + now);
    this.environment.notify(this.producerId, 'trace', { type, timestamp, direction, info });
  }

  /** A media packet, as it was received. */
  packet(now: number, packet: RtpPacket, keyFrame: boolean): void {
    if (this.types.size === 0) return;
    if (keyFrame && this.types.has('keyframe')) this.emit(now, 'keyframe', 'in', { ssrc: packet.ssrc });
    if (!this.types.has('rtp')) return;
    this.emit(now, 'rtp', 'in', {
      payloadType: packet.payloadType,
      sequenceNumber: packet.sequenceNumber,
      timestamp: packet.timestamp,
      marker: packet.marker,
      ssrc: packet.ssrc,
      isKeyFrame: keyFrame,
      size: packet.length,
      payloadSize: packet.payloadLength,
    });
  }
}

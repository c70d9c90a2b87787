// Hot path: one call per packet. Nothing is allocated.
import { RateMeter } from '../stream/rate-meter.js';

/** Bytes and rates of one transport, as getStats() gives them. */
export class TransportCounters {
  private readonly received = { all: new RateMeter(), rtp: new RateMeter(), rtx: new RateMeter() };
  /** Each byte is in one of these: what was sent in all is their sum. */
  private readonly sent = {
    rtp: new RateMeter(),
    rtx: new RateMeter(),
    probation: new RateMeter(),
    other: new RateMeter(),
  };

  /** Any datagram, media or not. */
  datagramReceived(now: number, bytes: number): void {
    this.received.all.add(now, bytes);
  }

  /** One that is no RTP. */
  datagramSent(now: number, bytes: number): void {
    this.sent.other.add(now, bytes);
  }

  rtpReceived(now: number, bytes: number): void {
    this.received.rtp.add(now, bytes);
  }

  rtpSent(now: number, bytes: number): void {
    this.sent.rtp.add(now, bytes);
  }

  rtxReceived(now: number, bytes: number): void {
    this.received.rtx.add(now, bytes);
  }

  rtxSent(now: number, bytes: number): void {
    this.sent.rtx.add(now, bytes);
  }

  /** Padding, or packets sent again without being asked for, to try out a bitrate. */
  probationSent(now: number, bytes: number): void {
    this.sent.probation.add(now, bytes);
  }

  /** The byte and bitrate fields of mediasoup's transport statistics. */
  stats(now: number): Record<string, number> {
    const { received, sent } = this;
    const all = Object.values(sent);
    return {
      bytesReceived: received.all.total,
      recvBitrate: received.all.rate(now),
      bytesSent: all.reduce((sum, { total }) => sum + total, 0),
      sendBitrate: Math.round(RateMeter.sumPerSecond(now, ...all) * 8),
      rtpBytesReceived: received.rtp.total,
      rtpRecvBitrate: received.rtp.rate(now),
      rtpBytesSent: sent.rtp.total,
      rtpSendBitrate: sent.rtp.rate(now),
      rtxBytesReceived: received.rtx.total,
      rtxRecvBitrate: received.rtx.rate(now),
      rtxBytesSent: sent.rtx.total,
      rtxSendBitrate: sent.rtx.rate(now),
      probationBytesSent: sent.probation.total,
      probationSendBitrate: sent.probation.rate(now),
    };
  }
}

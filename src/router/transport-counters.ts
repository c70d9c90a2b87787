// Hot path: one call per packet. Nothing is allocated.
import { RateMeter } from '../stream/rate-meter.js';

/** Bytes and rates of one transport, as getStats() gives them. */
export class TransportCounters {
  private readonly all = { received: new Meter(), sent: new Meter() };
  private readonly rtp = { received: new Meter(), sent: new Meter() };
  private readonly rtx = { received: new Meter(), sent: new Meter() };
  private readonly probation = new Meter();

  /** Any datagram, media or not. */
  datagramReceived(now: number, bytes: number): void {
    this.all.received.add(now, bytes);
  }

  datagramSent(now: number, bytes: number): void {
    this.all.sent.add(now, bytes);
  }

  rtpReceived(now: number, bytes: number): void {
    this.rtp.received.add(now, bytes);
  }

  rtpSent(now: number, bytes: number): void {
    this.rtp.sent.add(now, bytes);
    this.all.sent.add(now, bytes);
  }

  rtxReceived(now: number, bytes: number): void {
    this.rtx.received.add(now, bytes);
  }

  rtxSent(now: number, bytes: number): void {
    this.rtx.sent.add(now, bytes);
    this.all.sent.add(now, bytes);
  }

  /** Padding, or packets sent again without being asked for, to try out a bitrate. */
  probationSent(now: number, bytes: number): void {
    this.probation.add(now, bytes);
    this.all.sent.add(now, bytes);
  }

  /** The byte and bitrate fields of mediasoup's transport statistics. */
  stats(now: number): Record<string, number> {
    return {
      bytesReceived: this.all.received.bytes,
      recvBitrate: this.all.received.rate.rate(now),
      bytesSent: this.all.sent.bytes,
      sendBitrate: this.all.sent.rate.rate(now),
      rtpBytesReceived: this.rtp.received.bytes,
      rtpRecvBitrate: this.rtp.received.rate.rate(now),
      rtpBytesSent: this.rtp.sent.bytes,
      rtpSendBitrate: this.rtp.sent.rate.rate(now),
      rtxBytesReceived: this.rtx.received.bytes,
      rtxRecvBitrate: this.rtx.received.rate.rate(now),
      rtxBytesSent: this.rtx.sent.bytes,
      rtxSendBitrate: this.rtx.sent.rate.rate(now),
      probationBytesSent: this.probation.bytes,
      probationSendBitrate: this.probation.rate.rate(now),
    };
  }
}

class Meter {
  bytes = 0;
  readonly rate = new RateMeter();

  add(now: number, bytes: number): void {
    this.bytes += bytes;
    this.rate.add(now, bytes);
  }
}

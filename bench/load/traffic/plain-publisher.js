// @ts-check
/** Sends one stream of plain RTP to a port, at an even rate, with sender reports; answers key frame requests. */
import { createSocket } from 'node:dgram';
import { PacedTimer } from './paced-timer.js';
import { isRtcp, keyFrameRequests, senderReport } from './rtcp.js';

const REPORT_MS = 1000;

export class PlainPublisher {
  /**
   * @param {import('./media-source.js').MediaSource} source
   * @param {number} port on the loopback interface
   */
  static async start(source, port) {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
    await new Promise((resolve) => socket.bind(0, '127.0.0.1', () => resolve(undefined)));
    return new PlainPublisher(source, port, socket);
  }

  /**
   * @param {import('./media-source.js').MediaSource} source
   * @param {number} port
   * @param {import('node:dgram').Socket} socket
   */
  constructor(source, port, socket) {
    this.source = source;
    this.socket = socket;
    /** Datagrams sent, RTP and RTCP. */
    this.datagrams = 0;
    /** @param {Buffer} bytes */
    this.send = (bytes) => {
      this.datagrams++;
      socket.send(bytes, port, '127.0.0.1');
    };
    socket.on('message', (bytes) => {
      if (isRtcp(bytes) && keyFrameRequests(bytes).includes(source.options.ssrc)) source.requestKeyFrame();
    });
    this.pace = new PacedTimer(source.packetsPerSecond, () => this.send(source.next(performance.now())));
    this.reports = setInterval(() => this.send(senderReport(source, Date.now())), REPORT_MS);
  }

  /** @param {number} packetsPerSecond */
  changeRate(packetsPerSecond) {
    this.pace.changeRate(packetsPerSecond);
  }

  stop() {
    this.pace.stop();
    clearInterval(this.reports);
    this.socket.close();
  }
}

// @ts-check
/**
 * UDP sockets that exist but are never read: what is sent to them costs the sender its full price and the receiver's
 * core nothing. Their thread binds them and then stands still, so no event loop ever looks at them.
 */
import { createSocket } from 'node:dgram';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

export class UnreadSockets {
  /**
   * @param {number} count
   * @param {string} ip
   * @returns {Promise<UnreadSockets>}
   */
  static async open(count, ip = '127.0.0.1') {
    const signal = new Int32Array(new SharedArrayBuffer(4));
    const thread = new Worker(new URL(import.meta.url), { workerData: { count, ip, signal } });
    const ports = await new Promise((resolve, reject) => {
      thread.once('message', resolve);
      thread.once('error', reject);
    });
    return new UnreadSockets(ports, thread, signal);
  }

  /**
   * @param {number[]} ports
   * @param {Worker} thread
   * @param {Int32Array} signal
   */
  constructor(ports, thread, signal) {
    this.ports = ports;
    this.thread = thread;
    this.signal = signal;
  }

  async close() {
    const ended = new Promise((resolve) => this.thread.once('exit', resolve));
    Atomics.store(this.signal, 0, 1);
    Atomics.notify(this.signal, 0);
    await ended;
  }
}

if (!isMainThread && workerData?.signal instanceof Int32Array) {
  const { count, ip, signal } = workerData;
  const ports = [];
  const sockets = [];
  for (let n = 0; n < count; n++) {
    const socket = createSocket('udp4');
    await new Promise((resolve) => socket.bind(0, ip, () => resolve(undefined)));
    sockets.push(socket);
    ports.push(socket.address().port);
  }
  parentPort?.postMessage(ports);
  Atomics.wait(signal, 0, 0);
  for (const socket of sockets) socket.close();
}

// Hot path: add() runs once per probe packet that arrived. It allocates nothing.
// Counterpart in libwebrtc: modules/congestion_controller/goog_cc/probe_bitrate_estimator.
import type { ProbeCluster } from './congestion-types.js';

const CLUSTERS = 8;
/** Share of the packets and bytes of a cluster that must have arrived. */
const MIN_RECEIVED = 0.8;
/** Arriving in less than one part of so many of the time is compression on the way, and tells nothing. */
const MAX_RATIO = 2;
const MAX_INTERVAL_MS = 1000;
/** Arriving over so much longer a time than it was sent: the probe filled the link ... */
const STRETCHED = 1.1;
/** ... and a little less than what came through is what it can carry. */
const UTILIZATION = 0.95;

class Measured {
  id = -1;
  minPackets = 0;
  minBytes = 0;
  packets = 0;
  bytes = 0;
  firstSend = 0;
  lastSend = 0;
  lastSendSize = 0;
  firstReceive = 0;
  firstReceiveSize = 0;
  lastReceive = 0;
}

/** Measures at which rate the packets of a probe got through. */
export class ProbeBitrateEstimator {
  /** Whether the last result is the link's limit rather than the probe's. */
  saturated = false;
  private readonly clusters = Array.from({ length: CLUSTERS }, () => new Measured());

  /** Before the first packet of the cluster is sent. */
  expect(cluster: ProbeCluster): void {
    const entry = this.clusters[cluster.id % CLUSTERS];
    entry.id = cluster.id;
    entry.minPackets = cluster.minPackets;
    entry.minBytes = cluster.minBytes;
    entry.packets = 0;
    entry.bytes = 0;
  }

  /** @returns true when enough of the cluster has arrived to ask for its bitrate */
  add(cluster: number, sendTime: number, receiveTime: number, size: number): boolean {
    const entry = this.clusters[cluster % CLUSTERS];
    if (entry.id !== cluster) return false;
    if (entry.packets === 0 || sendTime < entry.firstSend) entry.firstSend = sendTime;
    if (entry.packets === 0 || sendTime >= entry.lastSend) {
      entry.lastSend = sendTime;
      entry.lastSendSize = size;
    }
    if (entry.packets === 0 || receiveTime < entry.firstReceive) {
      entry.firstReceive = receiveTime;
      entry.firstReceiveSize = size;
    }
    if (entry.packets === 0 || receiveTime > entry.lastReceive) entry.lastReceive = receiveTime;
    entry.packets++;
    entry.bytes += size;
    return entry.packets >= entry.minPackets * MIN_RECEIVED && entry.bytes >= entry.minBytes * MIN_RECEIVED;
  }

  /** @returns bits per second, or 0 when the arrivals make no sense */
  bitrate(cluster: number): number {
    this.saturated = false;
    const entry = this.clusters[cluster % CLUSTERS];
    if (entry.id !== cluster) return 0;
    const sending = entry.lastSend - entry.firstSend;
    const receiving = entry.lastReceive - entry.firstReceive;
    if (sending <= 0 || sending > MAX_INTERVAL_MS || receiving <= 0 || receiving > MAX_INTERVAL_MS) return 0;
    const sent = ((entry.bytes - entry.lastSendSize) * 8000) / sending;
    const received = ((entry.bytes - entry.firstReceiveSize) * 8000) / receiving;
    const stretch = receiving / sending;
    if (stretch < 1 / MAX_RATIO) return 0;
    // A large first packet makes the arrival rate look low; that they arrived as far apart as they were sent is decisive.
    if (stretch <= STRETCHED) return sent / Math.max(1, stretch);
    this.saturated = received < sent;
    return this.saturated ? received * UTILIZATION : sent;
  }
}

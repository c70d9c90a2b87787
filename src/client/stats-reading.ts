/**
 * What RTCPeerConnection.getStats says, reduced to what we show: running totals by SSRC or for all. Fields that a
 * browser lacks are undefined, or 0 where they are counted up.
 */

export interface InboundTotals {
  at: number;
  packets: number;
  lost: number;
  bytes: number;
  /** Seconds. */
  jitter?: number;
  framesDecoded: number;
  framesPerSecond?: number;
  width?: number;
  height?: number;
  freezeCount: number;
  /** Seconds. */
  freezeTime: number;
  samples: number;
  /** Without those made up in silence, as between the packets of DTX. */
  concealedSamples: number;
  codec?: string;
}

export interface OutboundTotals {
  at: number;
  bytes: number;
  packets: number;
  framesPerSecond?: number;
  width?: number;
  height?: number;
  limitation?: string;
  rid?: string;
  active: boolean;
  /** Cumulative, by the receiver's reports. */
  lost?: number;
  codec?: string;
}

export interface PathTotals {
  roundTripMs?: number;
  /** bps, the browser's own estimate for sending. */
  availableOutgoing?: number;
}

/** An entry of a report; names and units as in webrtc-stats. */
type Entry = Record<string, unknown> & { id: string; type: string; timestamp: number };
export type StatsReport = ReadonlyMap<string, unknown>;

export function readInbound(report: StatsReport): Map<number, InboundTotals> {
  const inbound = new Map<number, InboundTotals>();
  for (const entry of entries(report, 'inbound-rtp')) {
    const ssrc = number(entry.ssrc);
    if (ssrc === undefined) continue;
    inbound.set(ssrc, {
      at: entry.timestamp,
      packets: number(entry.packetsReceived) ?? 0,
      lost: number(entry.packetsLost) ?? 0,
      bytes: number(entry.bytesReceived) ?? 0,
      jitter: number(entry.jitter),
      framesDecoded: number(entry.framesDecoded) ?? 0,
      framesPerSecond: number(entry.framesPerSecond),
      width: number(entry.frameWidth),
      height: number(entry.frameHeight),
      freezeCount: number(entry.freezeCount) ?? 0,
      freezeTime: number(entry.totalFreezesDuration) ?? 0,
      samples: number(entry.totalSamplesReceived) ?? 0,
      concealedSamples: (number(entry.concealedSamples) ?? 0) - (number(entry.silentConcealedSamples) ?? 0),
      codec: codecOf(report, entry),
    });
  }
  return inbound;
}

/** By SSRC, as several encodings share a sender. */
export function readOutbound(report: StatsReport): Map<number, OutboundTotals> {
  const lost = new Map<unknown, number | undefined>();
  for (const entry of entries(report, 'remote-inbound-rtp'))
    lost.set(entry.localId, number(entry.packetsLost));
  const outbound = new Map<number, OutboundTotals>();
  for (const entry of entries(report, 'outbound-rtp')) {
    const ssrc = number(entry.ssrc);
    if (ssrc === undefined) continue;
    outbound.set(ssrc, {
      at: entry.timestamp,
      bytes: number(entry.bytesSent) ?? 0,
      packets: number(entry.packetsSent) ?? 0,
      framesPerSecond: number(entry.framesPerSecond),
      width: number(entry.frameWidth),
      height: number(entry.frameHeight),
      limitation: text(entry.qualityLimitationReason),
      rid: text(entry.rid),
      active: entry.active !== false,
      lost: lost.get(entry.id),
      codec: codecOf(report, entry),
    });
  }
  return outbound;
}

/** Of the pair of candidates in use. */
export function readPath(report: StatsReport): PathTotals {
  const selected = new Set(entries(report, 'transport').map((entry) => entry.selectedCandidatePairId));
  for (const pair of entries(report, 'candidate-pair')) {
    // Firefox has no transport entry but marks the pair.
    if (!selected.has(pair.id) && pair.selected !== true) continue;
    const seconds = number(pair.currentRoundTripTime);
    return {
      roundTripMs: seconds === undefined ? undefined : seconds * 1000,
      availableOutgoing: number(pair.availableOutgoingBitrate),
    };
  }
  return {};
}

function entries(report: StatsReport, type: string): Entry[] {
  return ([...report.values()] as Entry[]).filter((entry) => entry.type === type);
}

function codecOf(report: StatsReport, entry: Entry): string | undefined {
  const codec = report.get(String(entry.codecId)) as Entry | undefined;
  return text(codec?.mimeType)?.replace(/^\w+\//, '');
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/**
 * One word for how well a connection carries speech and pictures, with the reasons for it. Pure.
 *
 * The thresholds follow what people notice: speech stays easy to follow up to about 3% loss, since browsers conceal
 * it, and breaks up from about 10%; talking over each other begins near 300 ms there and back (ITU-T G.114 has 150 ms
 * one way as good and 400 ms as the limit); a picture that stands still is noticed at once.
 */

export type QualityLevel = 'good' | 'fair' | 'poor' | 'lost';

export type QualityReason =
  /** No connection to the server, or none for media. */
  | 'disconnected'
  /** Nothing arrives though its sender sends. */
  | 'silent'
  | 'uplink-loss'
  | 'downlink-loss'
  | 'delay'
  | 'jitter'
  /** Too little bandwidth to receive, or to send what was asked for. */
  | 'downlink-bandwidth'
  | 'uplink-bandwidth'
  /** The device cannot encode fast enough. */
  | 'device'
  | 'frozen-picture'
  | 'broken-sound'
  /** The other person's way to the server is bad. */
  | 'sender';

export interface ConnectionQuality {
  level: QualityLevel;
  /** The worst first; empty for `good`. */
  reasons: QualityReason[];
}

/** From this value on: fair, poor. Values between mean the better one. */
export const QUALITY_THRESHOLDS = {
  /** Share of packets lost, either way. */
  loss: { fair: 0.03, poor: 0.1 },
  /** Milliseconds there and back. */
  roundTrip: { fair: 300, poor: 600 },
  /** Milliseconds between packets more than at their sending. */
  jitter: { fair: 40, poor: 100 },
  /** Share of the sound that the browser had to make up. */
  concealed: { fair: 0.02, poor: 0.08 },
  /** Share of the time that the picture stood still. */
  frozen: { fair: 0.02, poor: 0.2 },
} as const;

/** Below these, bps, with video to receive: what a camera in its smallest layer with sound needs twice, and once. */
export const BANDWIDTH_THRESHOLDS = { fair: 300_000, poor: 120_000 } as const;

/** Scores (0-10) of the sender's stream: at least this is good, at least that is fair. */
export const SCORE_THRESHOLDS = { good: 7, fair: 4 } as const;

export interface ConnectionFigures {
  connected: boolean;
  uplinkLoss?: number;
  downlinkLoss?: number;
  roundTripMs?: number;
  /** bps, by the server's estimate. */
  downlinkBandwidth?: number;
  receivesVideo: boolean;
  /** Why the browser sends less than asked for: as in RTCOutboundRtpStreamStats. */
  limitation?: string;
}

export interface TrackFigures {
  kind: 'audio' | 'video';
  /** Neither its sender nor this page has paused it. */
  live: boolean;
  /** Since the last look; undefined where none need come, as of a screen on which nothing moves. */
  packets: number | undefined;
  loss?: number;
  jitterMs?: number;
  concealed?: number;
  frozen?: number;
  producerScore?: number;
  /** False: the server sends nothing of it for lack of bandwidth or of layers from its sender. */
  forwarded: boolean;
}

const ORDER: readonly QualityLevel[] = ['good', 'fair', 'poor', 'lost'];

export function rateConnection(figures: ConnectionFigures): ConnectionQuality {
  if (!figures.connected) return { level: 'lost', reasons: ['disconnected'] };
  const verdict = new Verdict();
  verdict.above('uplink-loss', figures.uplinkLoss, QUALITY_THRESHOLDS.loss);
  verdict.above('downlink-loss', figures.downlinkLoss, QUALITY_THRESHOLDS.loss);
  verdict.above('delay', figures.roundTripMs, QUALITY_THRESHOLDS.roundTrip);
  const { downlinkBandwidth = Infinity, receivesVideo, limitation } = figures;
  if (receivesVideo && downlinkBandwidth < BANDWIDTH_THRESHOLDS.fair) {
    verdict.add('downlink-bandwidth', downlinkBandwidth < BANDWIDTH_THRESHOLDS.poor ? 'poor' : 'fair');
  }
  if (limitation === 'bandwidth') verdict.add('uplink-bandwidth', 'fair');
  if (limitation === 'cpu') verdict.add('device', 'fair');
  return verdict.quality;
}

export function rateTrack(figures: TrackFigures): ConnectionQuality {
  if (!figures.live) return { level: 'good', reasons: [] };
  const verdict = new Verdict();
  const { producerScore = 10 } = figures;
  if (!figures.forwarded) verdict.add('downlink-bandwidth', 'poor');
  else if (figures.packets === 0) verdict.add('silent', 'lost');
  if (producerScore < SCORE_THRESHOLDS.good) {
    verdict.add('sender', producerScore < SCORE_THRESHOLDS.fair ? 'poor' : 'fair');
  }
  verdict.above('downlink-loss', figures.loss, QUALITY_THRESHOLDS.loss);
  verdict.above('jitter', figures.jitterMs, QUALITY_THRESHOLDS.jitter);
  if (figures.kind === 'audio')
    verdict.above('broken-sound', figures.concealed, QUALITY_THRESHOLDS.concealed);
  else verdict.above('frozen-picture', figures.frozen, QUALITY_THRESHOLDS.frozen);
  return verdict.quality;
}

/** The worst of several, with the reasons of that level. */
export function worstOf(qualities: Iterable<ConnectionQuality>): ConnectionQuality {
  const verdict = new Verdict();
  for (const { level, reasons } of qualities) for (const reason of reasons) verdict.add(reason, level);
  return verdict.quality;
}

/** Gets worse at once, and better only when a second look agrees, so that the mark does not flicker. */
export class QualityMemory {
  #shown: ConnectionQuality = { level: 'good', reasons: [] };
  #better = 0;

  next(quality: ConnectionQuality): ConnectionQuality {
    const improves = ORDER.indexOf(quality.level) < ORDER.indexOf(this.#shown.level);
    this.#better = improves ? this.#better + 1 : 0;
    if (!improves || this.#better >= 2) {
      this.#shown = quality;
      this.#better = 0;
    }
    return this.#shown;
  }
}

class Verdict {
  readonly #found: { reason: QualityReason; rank: number }[] = [];

  add(reason: QualityReason, level: QualityLevel): void {
    this.#found.push({ reason, rank: ORDER.indexOf(level) });
  }

  above(
    reason: QualityReason,
    value: number | undefined,
    { fair, poor }: { fair: number; poor: number },
  ): void {
    if (value !== undefined && value >= fair) this.add(reason, value >= poor ? 'poor' : 'fair');
  }

  get quality(): ConnectionQuality {
    const sorted = [...this.#found].sort((a, b) => b.rank - a.rank);
    return { level: ORDER[sorted[0]?.rank ?? 0], reasons: [...new Set(sorted.map(({ reason }) => reason))] };
  }
}

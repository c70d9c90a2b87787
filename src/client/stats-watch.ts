/** Looks at the statistics every two seconds, and only while somebody wants them. */
import type { ProducerSource } from '../signalling/protocol.js';
import { type ConnectionStats, StatsHistory, type StatsLook } from './connection-stats.js';
import type { LocalTrack } from './local-track.js';
import type { MediaSession } from './media-session.js';
import type { RemotePeers } from './remote-peers.js';
import type { ReceivedTrack } from './remote-track.js';
import { readInbound, readOutbound, readPath, type StatsReport } from './stats-reading.js';

export type StatsListener = (stats: ConnectionStats) => void;

export interface StatsSources {
  /** Null: there is no session. */
  media(): MediaSession | null;
  connected(): boolean;
  localTracks(): ReadonlyMap<ProducerSource, LocalTrack>;
  remote(): RemotePeers;
  serverStats(id: string): Promise<unknown[]>;
}

export const STATS_INTERVAL_MS = 2_000;

/** The server's answer counts for so many looks; it is not waited for, or a half-open socket would stop them all. */
const ANSWER_LOOKS = 3;

export class StatsWatch {
  readonly #listeners = new Set<StatsListener>();
  #history = new StatsHistory();
  #timer: ReturnType<typeof setInterval> | undefined;
  #looking = false;
  #asking = false;
  #answer: { id: string; stats: unknown[]; looks: number } | null = null;

  constructor(private readonly sources: StatsSources) {}

  /** Returns a function that ends it. */
  watch(listener: StatsListener, intervalMs: number): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) {
      this.#history = new StatsHistory();
      this.#timer = setInterval(() => void this.#sample(), intervalMs);
      void this.#sample();
    }
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) clearInterval(this.#timer);
    };
  }

  /** A slow browser skips looks rather than piling them up. */
  async #sample(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const look = await this.#look();
      const stats = this.#history.next(look);
      for (const listener of [...this.#listeners]) call(listener, stats);
    } finally {
      this.#looking = false;
    }
  }

  /** The last answer, unless it is too old, and asks for the next. */
  #serverStats(id: string): unknown[] {
    if (!this.#asking) {
      this.#asking = true;
      this.sources
        .serverStats(id)
        .then(
          (stats) => (this.#answer = { id, stats, looks: 0 }),
          () => {},
        )
        .finally(() => (this.#asking = false));
    }
    const answer = this.#answer;
    return answer?.id === id && answer.looks++ < ANSWER_LOOKS ? answer.stats : [];
  }

  async #look(): Promise<StatsLook> {
    const { sources } = this;
    const media = sources.media();
    const send = media?.transport('send');
    const receive = media?.transport('recv');
    const locals = [...sources.localTracks().values()];
    const server = receive ? this.#serverStats(receive.id) : [];
    const [sendReport, receiveReport, ...senders] = await Promise.all([
      reportOf(send && !send.closed ? send.getStats() : undefined),
      reportOf(receive && !receive.closed ? receive.getStats() : undefined),
      // One by one: encodings of simulcast cannot be told apart by what the transport reports in every browser.
      ...locals.map(({ producer }) =>
        reportOf(producer && !producer.closed ? producer.getStats() : undefined),
      ),
    ]);
    const outbound = senders.map((report) => readOutbound(report));
    const [sendPath, receivePath] = [readPath(sendReport), readPath(receiveReport)];
    const working = [send, receive].every((transport) => {
      return transport !== undefined && !['disconnected', 'failed'].includes(transport.connectionState);
    });
    const { availableOutgoingBitrate } = (server[0] ?? {}) as { availableOutgoingBitrate?: number };
    const tracks = [...sources.remote().peers.values()].flatMap(({ id, tracks }) =>
      [...tracks.values()].map((track) => describeTrack(id, track)),
    );
    return {
      connected: sources.connected() && working,
      path: { ...sendPath, roundTripMs: sendPath.roundTripMs ?? receivePath.roundTripMs },
      downlinkBandwidth: availableOutgoingBitrate,
      inbound: readInbound(receiveReport),
      outbound: new Map(outbound.flatMap((streams) => [...streams])),
      sent: locals.map(({ source }, index) => ({ source, ssrcs: [...outbound[index].keys()] })),
      received: tracks,
    };
  }
}

function describeTrack(peerId: string, track: ReceivedTrack): StatsLook['received'][number] {
  const { id, source, kind, layers, producerScore } = track;
  return {
    ...{ id, peerId, source, kind, layers, producerScore },
    ssrc: track.consumer.rtpParameters.encodings?.[0]?.ssrc,
    live: !track.paused && !track.hidden,
  };
}

/** One listener that throws does not keep the others from being called; its error is reported to the page. */
function call(listener: StatsListener, stats: ConnectionStats): void {
  try {
    listener(stats);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

async function reportOf(report: Promise<RTCStatsReport> | undefined): Promise<StatsReport> {
  try {
    return (await report) ?? new Map<string, unknown>();
  } catch {
    // The transport closed meanwhile.
    return new Map<string, unknown>();
  }
}

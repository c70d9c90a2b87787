/** A sample of how the connection does: totals of two looks become rates and a quality. Pure. */
import type { ProducerSource } from '../signalling/protocol.js';
import {
  type ConnectionQuality,
  QualityMemory,
  rateConnection,
  rateTrack,
  worstOf,
} from './connection-quality.js';
import type { ReceivedLayers } from './remote-peer.js';
import type { InboundTotals, OutboundTotals, PathTotals } from './stats-reading.js';

/** One sample of the connection. All rates are of the time since the last sample. Bitrates in bps, shares 0-1; undefined: not known. */
export interface ConnectionStats {
  /** This client's own connection. */
  quality: ConnectionQuality;
  roundTripMs?: number;
  uplink: { bitrate?: number; loss?: number; /** By the browser's estimate. */ available?: number };
  downlink: { bitrate?: number; loss?: number; /** By the server's estimate. */ available?: number };
  sent: SentTrackStats[];
  /** By the track's id. */
  received: Map<string, ReceivedTrackStats>;
  /** How well each of the others arrives here, by the peer's id. Peers of whom nothing is received are not in it. */
  peers: Map<string, ConnectionQuality>;
}

export interface SentTrackStats {
  source: ProducerSource;
  bitrate?: number;
  loss?: number;
  framesPerSecond?: number;
  /** Of the largest picture sent. */
  width?: number;
  height?: number;
  /** Simulcast encodings being sent, of how many. */
  encodings: { active: number; all: number };
  codec?: string;
}

export interface ReceivedTrackStats {
  peerId: string;
  source: ProducerSource;
  quality: ConnectionQuality;
  bitrate?: number;
  loss?: number;
  jitterMs?: number;
  framesPerSecond?: number;
  width?: number;
  height?: number;
  /** As in RemoteTrack. */
  layers: ReceivedLayers | null | undefined;
  /** Since the track began. */
  freezeCount: number;
  concealed?: number;
  codec?: string;
}

/** What one look finds. */
export interface StatsLook {
  connected: boolean;
  path: PathTotals;
  /** bps, the server's estimate of what it can send us. */
  downlinkBandwidth?: number;
  inbound: Map<number, InboundTotals>;
  outbound: Map<number, OutboundTotals>;
  sent: { source: ProducerSource; ssrcs: number[] }[];
  received: {
    id: string;
    peerId: string;
    source: ProducerSource;
    kind: 'audio' | 'video';
    ssrc: number | undefined;
    live: boolean;
    layers: ReceivedLayers | null | undefined;
    producerScore: number | undefined;
  }[];
}

/** Every browser begins with a small picture and works its way up: less than asked for means trouble only if it lasts. */
const LASTING_LOOKS = 5;

export class StatsHistory {
  /** Looks in a row with the same limitation. */
  #limited: { reason: string | undefined; looks: number } = { reason: undefined, looks: 0 };
  #previous: StatsLook | null = null;
  readonly #own = new QualityMemory();
  readonly #peers = new Map<string, QualityMemory>();

  next(look: StatsLook): ConnectionStats {
    const before = this.#previous;
    this.#previous = look;
    const received = new Map(
      look.received.map((track) => [track.id, describeReceived(track, look, before)] as const),
    );
    const uplink = sumOutbound([...look.outbound.keys()], look, before);
    const downlink = sumInbound(look, before);
    const sent = look.sent.map(({ source, ssrcs }) => describeSent(source, ssrcs, look, before));
    const quality = rateConnection({
      connected: look.connected,
      uplinkLoss: uplink.loss,
      downlinkLoss: downlink.loss,
      roundTripMs: look.path.roundTripMs,
      downlinkBandwidth: look.downlinkBandwidth,
      receivesVideo: look.received.some(({ kind, live }) => kind === 'video' && live),
      limitation: this.#lastingLimitation(look),
    });
    return {
      quality: this.#own.next(quality),
      roundTripMs: look.path.roundTripMs,
      uplink: { ...uplink, available: look.path.availableOutgoing },
      downlink: { ...downlink, available: look.downlinkBandwidth },
      sent,
      received,
      peers: this.#ratePeers(received),
    };
  }

  #lastingLimitation(look: StatsLook): string | undefined {
    const reason = limitationOf(look);
    this.#limited = { reason, looks: reason === this.#limited.reason ? this.#limited.looks + 1 : 1 };
    return this.#limited.looks >= LASTING_LOOKS ? reason : undefined;
  }

  #ratePeers(received: ConnectionStats['received']): ConnectionStats['peers'] {
    const byPeer = new Map<string, ConnectionQuality[]>();
    for (const { peerId, quality } of received.values()) {
      byPeer.set(peerId, [...(byPeer.get(peerId) ?? []), quality]);
    }
    for (const id of this.#peers.keys()) if (!byPeer.has(id)) this.#peers.delete(id);
    return new Map(
      [...byPeer].map(([id, qualities]) => {
        const memory = this.#peers.get(id) ?? new QualityMemory();
        this.#peers.set(id, memory);
        return [id, memory.next(worstOf(qualities))];
      }),
    );
  }
}

function describeReceived(
  track: StatsLook['received'][number],
  look: StatsLook,
  before: StatsLook | null,
): ReceivedTrackStats {
  const { ssrc = -1, peerId, source, kind, layers, producerScore } = track;
  const now = look.inbound.get(ssrc);
  const then = before?.inbound.get(ssrc);
  // Live at both looks, or the time between tells nothing.
  const live =
    track.live &&
    look.connected &&
    (before?.received.some(({ id, live }) => id === track.id && live) ?? false);
  const change = now && then ? changeOf(now, then) : undefined;
  const jitterMs = now?.jitter === undefined ? undefined : now.jitter * 1000;
  const quality = rateTrack({
    ...{ kind, live, jitterMs, producerScore },
    // Of a new stream everything has come since the last look, which found nothing of it.
    packets: source === 'screen' ? undefined : (change?.packets ?? now?.packets ?? 0),
    loss: change?.loss,
    concealed: change?.concealed,
    frozen: change?.frozen,
    forwarded: layers !== null,
  });
  return {
    ...{ peerId, source, quality, layers, jitterMs },
    bitrate: change?.bitrate,
    loss: change?.loss,
    framesPerSecond: now?.framesPerSecond ?? change?.framesPerSecond,
    width: now?.width,
    height: now?.height,
    freezeCount: now?.freezeCount ?? 0,
    concealed: change?.concealed,
    codec: now?.codec,
  };
}

function changeOf(now: InboundTotals, then: InboundTotals) {
  const seconds = (now.at - then.at) / 1000;
  const packets = Math.max(0, now.packets - then.packets);
  const samples = now.samples - then.samples;
  return {
    packets,
    bitrate: rate(8 * (now.bytes - then.bytes), seconds),
    loss: share(now.lost - then.lost, packets + Math.max(0, now.lost - then.lost)),
    concealed: share(now.concealedSamples - then.concealedSamples, samples),
    frozen: share(now.freezeTime - then.freezeTime, seconds),
    framesPerSecond:
      now.framesDecoded > 0 ? rate(now.framesDecoded - then.framesDecoded, seconds) : undefined,
  };
}

function sumInbound(look: StatsLook, before: StatsLook | null): { bitrate?: number; loss?: number } {
  let packets = 0;
  let lost = 0;
  let bitrate: number | undefined;
  for (const [ssrc, now] of look.inbound) {
    const then = before?.inbound.get(ssrc);
    if (!then) continue;
    packets += Math.max(0, now.packets - then.packets);
    lost += Math.max(0, now.lost - then.lost);
    bitrate = (bitrate ?? 0) + (changeOf(now, then).bitrate ?? 0);
  }
  return { bitrate, loss: share(lost, packets + lost) };
}

function sumOutbound(
  ssrcs: readonly number[],
  look: StatsLook,
  before: StatsLook | null,
): { bitrate?: number; loss?: number } {
  let packets = 0;
  let lost: number | undefined;
  let bitrate: number | undefined;
  for (const ssrc of ssrcs) {
    const [now, then] = [look.outbound.get(ssrc), before?.outbound.get(ssrc)];
    if (!now || !then) continue;
    packets += Math.max(0, now.packets - then.packets);
    bitrate = (bitrate ?? 0) + (rate(8 * (now.bytes - then.bytes), (now.at - then.at) / 1000) ?? 0);
    if (now.lost !== undefined && then.lost !== undefined)
      lost = (lost ?? 0) + Math.max(0, now.lost - then.lost);
  }
  return { bitrate, loss: lost === undefined ? undefined : share(lost, packets) };
}

function describeSent(
  source: ProducerSource,
  ssrcs: readonly number[],
  look: StatsLook,
  before: StatsLook | null,
): SentTrackStats {
  const streams = ssrcs.flatMap((ssrc) => look.outbound.get(ssrc) ?? []);
  const sending = streams.filter(({ active }) => active);
  const largest = sending.reduce<OutboundTotals | undefined>(
    (best, stream) => ((stream.width ?? 0) >= (best?.width ?? 0) ? stream : best),
    undefined,
  );
  return {
    source,
    ...sumOutbound(ssrcs, look, before),
    framesPerSecond: largest?.framesPerSecond,
    width: largest?.width,
    height: largest?.height,
    encodings: { active: sending.length, all: streams.length },
    codec: largest?.codec,
  };
}

/** A lack of bandwidth says more about the connection than a slow device. */
function limitationOf(look: StatsLook): string | undefined {
  const reasons = [...look.outbound.values()]
    .filter(({ active }) => active)
    .map(({ limitation }) => limitation);
  return ['bandwidth', 'cpu'].find((reason) => reasons.includes(reason));
}

function rate(amount: number, seconds: number): number | undefined {
  return seconds > 0 ? Math.max(0, amount) / seconds : undefined;
}

function share(part: number, whole: number): number | undefined {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : undefined;
}

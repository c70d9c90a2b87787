import { type AllocatedStream, type Rung } from './congestion-types.js';
import { OverloadGrace, ROUNDING } from './overload-grace.js';
import { UpgradeTrials } from './upgrade-trials.js';

/** An upgrade must leave this much of its total free ... */
const HEADROOM = 0.15;
/** ... and so many bps when it costs a key frame, which would take seconds to get through else ... */
const KEY_FRAME_HEADROOM = 40_000;
/** ... or this part of all there is when a stream that was paused comes back; the first time it may take the last bit. */
const RESUME_HEADROOM = 0.05;
/** Milliseconds that the streams may exceed the budget by a little; and their first rungs: a missing picture is worse. */
const DIP_MS = 500;
const FIRST_RUNG_DIP_MS = 2000;
/**
 * Milliseconds between two upgrades or returns that cost key frames, and for which there must have been room for one: key
 * frames fill a link for longer than all else, and all who watch the same sender get them too. Unless what is then sent is
 * less than this part of what there is.
 */
const KEY_FRAME_SPACING_MS = 1000;
const KEY_FRAME_ROOM_MS = 1000;
const AMPLE = 0.6;
/** Milliseconds that a stream stays as it is after it was taken something; shorter when it was taken everything. */
const HOLD_OFF_MS = 1000;
const RESUME_HOLD_OFF_MS = 250;
/**
 * Milliseconds that a stream which began or came back keeps its first rung: its key frame reads as congestion, and taken
 * back at once it would have cost a key frame for nothing. Unless all together exceed the estimate by this factor.
 */
const SPARED_MS = 1500;
const SPARED_EXCESS = 1.5;
/** Why a stream did not get more than it got. */
export type AllocationReason =
  /** It has all it can have. */
  | 'top'
  /** It offers nothing at present. */
  | 'nothing-to-send'
  /** The next rung costs more than there is. */
  | 'no-bitrate'
  /** The next rung would fit, but with too little room to spare. */
  | 'no-headroom'
  /** The next rung was taken back a short while ago. */
  | 'held-off'
  /** The next rung is of a higher spatial layer, and nothing is known of the network yet. */
  | 'unproven'
  /** What is being sent exceeds the budget, for so short a time or by so little that it is left as it is. */
  | 'tolerated';

export interface AllocationDecision {
  /** Index in `rungs` before and after, -1 for none. */
  from: number;
  to: number;
  /** bps of the rung it got. */
  bitrate: number;
  reason: AllocationReason;
}

export interface AllocationOptions {
  /** Nothing speaks for the bitrate yet: no more than the lowest spatial layer of each. Default false. */
  unproven?: boolean;
  /** Key frames fill the link for long: upgrades that cost one need room for a while. Default false. */
  narrow?: boolean;
  /** bps that the network carries for others than these streams; an estimate errs by a part of all. Default 0. */
  besides?: number;
}

/** What a stream was granted last. */
interface Grant {
  spatialLayer: number;
  temporalLayer: number;
  downgradedAt: number;
  resumedAt: number;
  /** Since when there has been room for the next spatial layer. */
  roomSince: number;
}

interface Candidate extends AllocationDecision {
  rungs: readonly Rung[];
  priority: number;
  grant: Grant;
  /** No further step is possible. */
  done: boolean;
}

/**
 * Shares the bitrate towards one receiver among its video streams. First the lowest rung of each, by priority; then
 * rounds of one rung each, in which a stream of twice the priority has two turns. Who had something keeps it as long
 * as it fits; more is only given with room to spare, and the later the oftener it had to be taken back.
 * One allocator per receiver: it remembers what it gave (counterpart in libwebrtc: call/bitrate_allocator).
 */
export class StreamAllocator {
  /** bps of all rungs granted. */
  allocatedBitrate = 0;
  /** bps of all top rungs. */
  wantedBitrate = 0;
  /** One per stream of the last allocate(). */
  readonly decisions: AllocationDecision[] = [];

  private unproven = false;
  private narrow = false;
  private besides = 0;
  /** bps that were granted before. */
  private before = 0;
  private keyFrameAt = Number.NEGATIVE_INFINITY;
  private readonly grants = new WeakMap<AllocatedStream, Grant>();
  private readonly trials = new UpgradeTrials();
  private readonly grace = new OverloadGrace(DIP_MS);
  private readonly firstRungGrace = new OverloadGrace(FIRST_RUNG_DIP_MS, true);

  /**
   * @param bitrate bps for all of them together
   * @returns per stream an index in its `rungs`, -1: pause it
   */
  allocate(
    now: number,
    bitrate: number,
    streams: readonly AllocatedStream[],
    { unproven = false, narrow = false, besides = 0 }: AllocationOptions = {},
  ): number[] {
    this.unproven = unproven;
    this.narrow = narrow;
    this.besides = besides;
    const candidates = streams.map((stream) => this.candidate(now, stream));
    const before = granted(candidates);
    this.before = before;
    const limit = this.grace.limit(now, bitrate, before);
    const firstLimit = this.firstRungGrace.limit(now, bitrate, granted(candidates, 0), besides);
    let total = 0;
    // Room that is as good as given to one stream is no room for an upgrade of those whose turn comes later.
    let reserved = 0;
    for (let next = pick(candidates); next !== null; next = pick(candidates)) {
      const step = next.to + 1;
      const cost = next.rungs[step].bitrate - (next.to < 0 ? 0 : next.rungs[next.to].bitrate);
      const spared = step === 0 && before > bitrate && now - next.grant.resumedAt < SPARED_MS;
      // Not more than is being sent already: what is spared is no reason to let another one come back.
      const kept = spared
        ? Math.min(before + ROUNDING, (bitrate + besides) * SPARED_EXCESS - besides)
        : Number.NEGATIVE_INFINITY;
      const most = step > 0 ? limit : Math.max(limit, firstLimit, kept);
      const refusal =
        step > next.from
          ? this.refuse(now, bitrate - reserved, total + cost, before > bitrate, next)
          : total + cost > most
            ? 'no-bitrate'
            : null;
      if (refusal === null) {
        total += cost;
        if (step > next.from && (step === 0 || rises(next.rungs, step))) this.keyFrameAt = now;
        next.to = step;
        next.bitrate = next.rungs[step].bitrate;
        if (step < next.rungs.length - 1) continue;
      }
      if (refusal === 'held-off' || (refusal === 'no-headroom' && step === 0)) reserved += cost;
      next.done = true;
      next.reason = refusal ?? 'top';
    }
    this.allocatedBitrate = total;
    this.wantedBitrate = candidates.reduce((sum, { rungs }) => sum + (rungs.at(-1)?.bitrate ?? 0), 0);
    this.remember(now, bitrate, candidates);
    return candidates.map((candidate) => candidate.to);
  }

  private candidate(now: number, stream: AllocatedStream): Candidate {
    const { rungs, priority } = stream;
    let grant = this.grants.get(stream);
    if (grant === undefined) {
      const never = Number.NEGATIVE_INFINITY;
      grant = {
        spatialLayer: -1,
        temporalLayer: -1,
        downgradedAt: never,
        resumedAt: never,
        roomSince: Number.POSITIVE_INFINITY,
      };
      this.grants.set(stream, grant);
      if (stream.current >= 0 && stream.current < rungs.length) {
        setLayers(grant, rungs[stream.current]);
        grant.resumedAt = now;
      }
    }
    return {
      rungs,
      priority: Math.max(1, priority),
      grant,
      from: find(grant, rungs),
      to: -1,
      bitrate: 0,
      done: rungs.length === 0,
      reason: 'nothing-to-send',
    };
  }

  private refuse(
    now: number,
    bitrate: number,
    total: number,
    overloaded: boolean,
    candidate: Candidate,
  ): AllocationReason | null {
    const { downgradedAt } = candidate.grant;
    const resume = candidate.to < 0;
    const known = downgradedAt > Number.NEGATIVE_INFINITY;
    const headroom = !resume ? HEADROOM : known ? RESUME_HEADROOM : 0;
    const { rungs, to } = candidate;
    // Who comes back in the place of another, and not beside it, asks the network for no more.
    const keyFrame = resume ? known && total > this.before + ROUNDING : rises(rungs, to + 1);
    const all = total + this.besides;
    const dear = keyFrame && this.narrow && all > (bitrate + this.besides) * AMPLE;
    // Not for a stream that comes back: it would never do so on a link that carries little more.
    const reserve = Math.max((resume ? all : total) * headroom, dear && !resume ? KEY_FRAME_HEADROOM : 0);
    const { roomSince } = candidate.grant;
    candidate.grant.roomSince = Number.POSITIVE_INFINITY;
    if (this.unproven && rungs[to + 1].spatialLayer > rungs[0].spatialLayer) return 'unproven';
    // While somebody has to give something up, nobody gets more than the least.
    if (total > bitrate || (overloaded && !resume)) return 'no-bitrate';
    if (total + reserve > bitrate) return 'no-headroom';
    const rested = now - downgradedAt >= (resume ? RESUME_HOLD_OFF_MS : HOLD_OFF_MS);
    if (!rested || !this.trials.allows(now, total, bitrate + this.besides, resume)) return 'held-off';
    if (!dear) return null;
    candidate.grant.roomSince = Math.min(roomSince, now);
    if (now - this.keyFrameAt < KEY_FRAME_SPACING_MS) return 'held-off';
    return now - candidate.grant.roomSince >= KEY_FRAME_ROOM_MS ? null : 'held-off';
  }

  private remember(now: number, bitrate: number, candidates: readonly Candidate[]): void {
    const tolerated = this.allocatedBitrate > bitrate;
    let up = false;
    let down = false;
    this.decisions.length = 0;
    for (const { from, to, bitrate: own, reason, rungs, grant } of candidates) {
      up ||= to > from;
      down ||= to < from;
      if (to < from) grant.downgradedAt = now;
      if (from < 0 && to >= 0) grant.resumedAt = now;
      // A stream that offers nothing for a moment keeps what it had.
      if (rungs.length > 0) setLayers(grant, rungs[to]);
      const kept = tolerated && to >= 0 && to === from && reason !== 'top';
      this.decisions.push({ from, to, bitrate: own, reason: kept ? 'tolerated' : reason });
    }
    // Down for one because another was before it in turn is no failure of the network.
    if (up) this.trials.upgraded(now, this.allocatedBitrate, bitrate + this.besides);
    else if (down) this.trials.downgraded(now, granted(candidates));
  }
}

/** Whose turn it is: the first rungs by priority; then by turns taken for the priority; kept rungs before new ones. */
function pick(candidates: readonly Candidate[]): Candidate | null {
  let best: Candidate | null = null;
  for (const candidate of candidates) {
    if (!candidate.done && (best === null || precedes(candidate, best))) best = candidate;
  }
  return best;
}

function precedes(a: Candidate, b: Candidate): boolean {
  const first = a.to < 0;
  if (first !== b.to < 0) return first;
  const turn = first ? b.priority - a.priority : (a.to + 1) / a.priority - (b.to + 1) / b.priority;
  if (turn !== 0) return turn < 0;
  const kept = a.to < a.from;
  if (kept !== b.to < b.from) return kept;
  return a.priority > b.priority;
}

/** The step is to a higher spatial layer than that of the one before it. */
function rises(rungs: readonly Rung[], step: number): boolean {
  return rungs[step].spatialLayer > rungs[step - 1].spatialLayer;
}

/** bps of what the streams had before, counting rungs up to `most`. */
function granted(candidates: readonly Candidate[], most = Number.POSITIVE_INFINITY): number {
  let total = 0;
  for (const { rungs, from } of candidates) if (from >= 0) total += rungs[Math.min(from, most)].bitrate;
  return total;
}

/** Where in the rungs of now the layers are that were granted last: rungs come and go with the publisher's layers. */
function find({ spatialLayer, temporalLayer }: Grant, rungs: readonly Rung[]): number {
  let below = -1;
  for (let index = 0; index < rungs.length; index++) {
    const rung = rungs[index];
    if (rung.spatialLayer === spatialLayer && rung.temporalLayer === temporalLayer) return index;
    const lower =
      rung.spatialLayer < spatialLayer ||
      (rung.spatialLayer === spatialLayer && rung.temporalLayer < temporalLayer);
    if (lower) below = index;
  }
  return below;
}

function setLayers(grant: Grant, rung: Rung | undefined): void {
  grant.spatialLayer = rung?.spatialLayer ?? -1;
  grant.temporalLayer = rung?.temporalLayer ?? -1;
}

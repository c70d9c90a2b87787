/**
 * Who receives what in a room. Small rooms: everybody everything. In a room with more senders than `lastN`, cameras of
 * the stage (see stage.ts), voices of a stage of their own, shared screens, and whom the viewer has pinned.
 */
import { performance } from 'node:perf_hooks';
import type { ProducerSource } from '../signalling/protocol.js';
import type { Peer, PeerProducer } from './peer.js';
import { Stage } from './stage.js';

export interface EconomySettings {
  /** People whose pictures a meeting shows; 0: all. */
  lastN: number;
  /** People whose voices it carries; 0: all. */
  lastNAudio: number;
  /** Milliseconds that a speaker keeps a place at least. */
  stageStay: number;
  /** Milliseconds that a stream goes on after it left what a peer receives, and that a paused camera keeps its place. */
  consumerLinger: number;
}

/** What each of so many people receives when all of them send their voices and pictures. */
export function expectedStreams({ lastN, lastNAudio }: EconomySettings, people: number): number {
  const others = (places: number): number => Math.max(0, Math.min(places || Infinity, people) - 1);
  return others(lastN) + others(lastNAudio);
}

export interface EconomyEvents {
  /** What `wantedBy` gives has changed for some viewers; `kind` says whose streams come and go. */
  onStageChanged(kind: 'audio' | 'video'): void;
}

export class RoomEconomy {
  readonly #pictures: Stage<Peer>;
  readonly #voices: Stage<Peer>;
  /** Who shares a screen, the newest last. */
  readonly #sharers = new Set<Peer>();
  /** Owners of paused cameras that still have their place. */
  readonly #pausing = new Map<Peer, NodeJS.Timeout>();
  readonly #maxScreens: number;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    private readonly peers: ReadonlyMap<string, Peer>,
    private readonly settings: EconomySettings,
    private readonly events: EconomyEvents,
  ) {
    const { lastN, lastNAudio, stageStay } = settings;
    this.#pictures = new Stage(lastN || Infinity, stageStay);
    this.#voices = new Stage(lastNAudio || Infinity, stageStay);
    this.#maxScreens = (lastN || Infinity) - 1;
  }

  /** The caller looks at `wantedBy` afterwards. */
  producerAdded(producer: PeerProducer): void {
    const { source, owner } = producer;
    if (source === 'camera') {
      this.#pictures.add(owner);
      this.#judgeCamera(owner);
    } else if (source === 'microphone') {
      this.#voices.add(owner);
    } else {
      this.#sharers.delete(owner);
      this.#sharers.add(owner);
    }
  }

  /** `producer` is no longer among its owner's. */
  producerRemoved({ source, owner }: PeerProducer): void {
    const gone = newest(owner, source).length === 0;
    if (source === 'camera' && gone) this.#pictures.remove(owner);
    if (source === 'camera') this.#judgeCamera(owner);
    if (source === 'microphone' && gone) this.#voices.remove(owner);
    if (source === 'screen' && gone) this.#sharers.delete(owner);
  }

  peerRemoved(peer: Peer): void {
    clearTimeout(this.#pausing.get(peer));
    this.#pausing.delete(peer);
    this.#pictures.remove(peer);
    this.#voices.remove(peer);
    this.#sharers.delete(peer);
  }

  /** `producer` was paused or resumed. */
  pauseChanged({ source, owner }: PeerProducer): void {
    if (source === 'camera') this.#judgeCamera(owner);
  }

  /** Leads the conversation: seen and heard. */
  leads(peer: Peer): void {
    const now = performance.now();
    this.#changed('video', this.#pictures.speaks(now, peer));
    this.#changed('audio', this.#voices.speaks(now, peer));
  }

  /** Is loud just now: heard. */
  heard(peer: Peer): void {
    this.#changed('audio', this.#voices.speaks(performance.now(), peer));
  }

  wantedBy(viewer: Peer): Set<PeerProducer> {
    const wanted = new Set<PeerProducer>();
    const add = (peer: Peer, source?: ProducerSource): void => {
      if (peer !== viewer) for (const producer of newest(peer, source)) wanted.add(producer);
    };
    for (const peer of lastOf(this.#sharers, this.#maxScreens)) add(peer, 'screen');
    for (const peer of this.#pictures.seenBy(viewer)) add(peer, 'camera');
    for (const peer of this.#voices.seenBy(viewer)) add(peer, 'microphone');
    for (const id of viewer.pinnedIds) {
      const pinned = this.peers.get(id);
      if (pinned) add(pinned);
    }
    return wanted;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const timer of this.#pausing.values()) clearTimeout(timer);
    this.#pausing.clear();
  }

  /** A camera that is off keeps its place for a moment, as it may be on again soon, and then gives way to others. */
  #judgeCamera(owner: Peer): void {
    if (this.#closed) return;
    const paused = newest(owner, 'camera').every(({ media }) => media.paused);
    if (paused && this.#pictures.has(owner)) {
      if (this.#pausing.has(owner)) return;
      const idle = (): void => this.#changed('video', this.#pictures.setIdle(owner, true));
      this.#pausing.set(owner, setTimeout(idle, this.settings.consumerLinger));
    } else {
      clearTimeout(this.#pausing.get(owner));
      this.#pausing.delete(owner);
      this.#changed('video', this.#pictures.setIdle(owner, false));
    }
  }

  #changed(kind: 'audio' | 'video', changed: boolean): void {
    this.#schedule();
    if (changed) this.events.onStageChanged(kind);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const at = Math.min(this.#pictures.nextTimeout(), this.#voices.nextTimeout());
    if (at === Infinity || this.#closed) return;
    this.#timer = setTimeout(() => this.#timeout(), Math.max(0, at - performance.now()));
  }

  #timeout(): void {
    // Timers may fire a fraction of a millisecond early.
    const now = performance.now() + 1;
    const pictures = this.#pictures.handleTimeout(now);
    const voices = this.#voices.handleTimeout(now);
    this.#changed('video', pictures);
    this.#changed('audio', voices);
  }
}

/** Of several of one source and kind only the newest counts, so that nobody fills the places of others. */
function newest(peer: Peer, source?: ProducerSource): PeerProducer[] {
  const found = new Map<string, PeerProducer>();
  for (const producer of peer.producers.values()) {
    if (source === undefined || producer.source === source)
      found.set(`${producer.source} ${producer.media.kind}`, producer);
  }
  return [...found.values()];
}

function lastOf<T>(items: ReadonlySet<T>, count: number): T[] {
  return [...items].slice(Math.max(0, items.size - count));
}

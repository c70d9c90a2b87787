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
}

export interface EconomyEvents {
  /** What `wantedBy` gives has changed for some viewers; `kind` says whose streams come and go. */
  onStageChanged(kind: 'audio' | 'video'): void;
}

export class RoomEconomy {
  readonly #pictures: Stage<Peer>;
  readonly #voices: Stage<Peer>;
  /** In the order in which they began. */
  readonly #screens = new Set<PeerProducer>();
  readonly #maxScreens: number;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    private readonly peers: ReadonlyMap<string, Peer>,
    settings: EconomySettings,
    private readonly events: EconomyEvents,
  ) {
    const { lastN, lastNAudio, stageStay } = settings;
    this.#pictures = new Stage(lastN || Infinity, stageStay);
    this.#voices = new Stage(lastNAudio || Infinity, stageStay);
    this.#maxScreens = (lastN || Infinity) - 1;
  }

  /** The caller looks at `wantedBy` afterwards. */
  producerAdded(producer: PeerProducer): void {
    if (producer.source === 'camera') this.#pictures.add(producer.owner);
    else if (producer.source === 'microphone') this.#voices.add(producer.owner);
    else this.#screens.add(producer);
  }

  /** `producer` is no longer among its owner's. */
  producerRemoved({ source, owner }: PeerProducer): void {
    if (source === 'camera' && !sends(owner, source)) this.#pictures.remove(owner);
    if (source === 'microphone' && !sends(owner, source)) this.#voices.remove(owner);
    for (const screen of this.#screens) if (screen.media.closed) this.#screens.delete(screen);
  }

  peerRemoved(peer: Peer): void {
    this.#pictures.remove(peer);
    this.#voices.remove(peer);
    for (const screen of this.#screens) if (screen.owner === peer) this.#screens.delete(screen);
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
    for (const screen of lastOf(this.#screens, this.#maxScreens)) {
      if (screen.owner !== viewer) wanted.add(screen);
    }
    for (const peer of this.#pictures.seenBy(viewer)) addSource(wanted, peer, 'camera');
    for (const peer of this.#voices.seenBy(viewer)) addSource(wanted, peer, 'microphone');
    for (const id of viewer.pinnedIds) {
      const pinned = this.peers.get(id);
      if (pinned && pinned !== viewer) for (const producer of pinned.producers.values()) wanted.add(producer);
    }
    return wanted;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
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

function sends(peer: Peer, source: ProducerSource): boolean {
  for (const producer of peer.producers.values()) if (producer.source === source) return true;
  return false;
}

function addSource(wanted: Set<PeerProducer>, peer: Peer, source: ProducerSource): void {
  for (const producer of peer.producers.values()) if (producer.source === source) wanted.add(producer);
}

function lastOf<T>(items: ReadonlySet<T>, count: number): T[] {
  return [...items].slice(Math.max(0, items.size - count));
}

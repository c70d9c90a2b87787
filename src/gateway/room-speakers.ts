/**
 * Hears who speaks in a room: the library's observers over all its microphones, told by producer. Each shard has observers
 * of its own for the microphones of its peers, so that no microphone is piped only to be listened to; floor.ts compares.
 */
import type { Logger } from 'pino';
import { Floor, type Volume } from './floor.js';
import type { MediaActiveSpeakerObserver, MediaAudioLevelObserver, MediaObserver } from './media-backend.js';
import type { Shard } from './peer.js';

export interface SpeakerEvents {
  /** Leads the conversation; told again when the same one takes the floor again. */
  onDominant(producerId: string): void;
  /** Is loud just now. */
  onHeard(producerId: string): void;
  /** The loudest now, loudest first; empty when all are silent. Every `LEVEL_INTERVAL_MS` at most. */
  onVolumes(volumes: Volume[]): void;
}

/** Who leads is decided this often; people take about as long to notice a voice. */
const DOMINANCE_INTERVAL_MS = 300;
/** Levels only light up marks and seat voices: twice a second is enough, and costs each peer two small messages. */
const LEVEL_INTERVAL_MS = 500;
/** dBov. Quiet speech is above, breath and fans are below. */
const LEVEL_THRESHOLD = -55;
const MAX_LEVELS = 8;

export class RoomSpeakers {
  readonly #observers = new Map<Shard, Promise<MediaObserver[]>>();
  readonly #floor = new Floor<Shard>();
  #toldAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    private readonly events: SpeakerEvents,
    private readonly log: Logger,
  ) {}

  /** Listens to a microphone from now on. Without a working observer the room goes on, and nobody is known to speak. */
  async watch(shard: Shard, producerId: string): Promise<void> {
    try {
      const observers = await this.#observersOf(shard);
      await Promise.all(observers.map((observer) => observer.addProducer({ producerId })));
    } catch (error) {
      // A producer may close while it is being added; the worker may die.
      this.log.debug({ err: error, producerId }, 'cannot listen for a speaker');
    }
  }

  /** It has ended. */
  unwatch(producerId: string): void {
    this.#floor.producerRemoved(producerId);
  }

  shardGone(shard: Shard): void {
    this.#observers.delete(shard);
    this.#floor.placeRemoved(shard);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** Made with the first microphone, so that the first join need not wait for it. */
  #observersOf(shard: Shard): Promise<MediaObserver[]> {
    let observers = this.#observers.get(shard);
    if (!observers) this.#observers.set(shard, (observers = this.#create(shard)));
    return observers;
  }

  async #create(shard: Shard): Promise<[MediaActiveSpeakerObserver, MediaAudioLevelObserver]> {
    const [speaker, level] = await Promise.all([
      shard.router.createActiveSpeakerObserver({ interval: DOMINANCE_INTERVAL_MS }),
      shard.router.createAudioLevelObserver({
        maxEntries: MAX_LEVELS,
        threshold: LEVEL_THRESHOLD,
        interval: LEVEL_INTERVAL_MS,
      }),
    ]);
    speaker.on('dominantspeaker', ({ producer }) => {
      if (!this.#closed) this.#tellDominant(this.#floor.dominant(performance.now(), shard, producer.id));
    });
    level.on('volumes', (volumes) =>
      this.#heard(
        shard,
        volumes.map(({ producer, volume }) => ({ producerId: producer.id, volume })),
      ),
    );
    level.on('silence', () => this.#heard(shard, []));
    return [speaker, level];
  }

  #heard(shard: Shard, volumes: Volume[]): void {
    if (this.#closed) return;
    this.#tellDominant(this.#floor.heard(performance.now(), shard, volumes));
    for (const { producerId } of volumes) this.events.onHeard(producerId);
    // Shards do not tell at the same moment: what they tell within an interval is told as one.
    const wait = this.#toldAt + LEVEL_INTERVAL_MS - performance.now();
    if (wait <= 0) this.#tellVolumes();
    else this.#timer ??= setTimeout(() => this.#tellVolumes(), wait);
  }

  #tellVolumes(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#toldAt = performance.now();
    this.events.onVolumes(this.#floor.volumes().slice(0, MAX_LEVELS));
  }

  #tellDominant(producerId: string | null): void {
    if (producerId !== null) this.events.onDominant(producerId);
  }
}

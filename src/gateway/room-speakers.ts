/** Hears who speaks in a room: the library's observers over all its microphones, told by peer. */
import type { Logger } from 'pino';
import type {
  MediaActiveSpeakerObserver,
  MediaAudioLevelObserver,
  MediaObserver,
  MediaRouter,
} from './media-backend.js';

export interface SpeakerEvents {
  /** Somebody else leads the conversation. */
  onDominant(producerId: string): void;
  /** The loudest now, loudest first; empty once when all are silent. */
  onVolumes(volumes: { producerId: string; volume: number }[]): void;
}

/** Who leads is decided this often; people take about as long to notice a voice. */
const DOMINANCE_INTERVAL_MS = 300;
/** Levels only light up marks and seat voices: twice a second is enough, and costs each peer two small messages. */
const LEVEL_INTERVAL_MS = 500;
/** dBov. Quiet speech is above, breath and fans are below. */
const LEVEL_THRESHOLD = -55;
const MAX_LEVELS = 8;

export class RoomSpeakers {
  #observers: Promise<MediaObserver[]> | null = null;

  constructor(
    private readonly router: MediaRouter,
    private readonly events: SpeakerEvents,
    private readonly log: Logger,
  ) {}

  /** Listens to a microphone from now on. Without a working observer the room goes on, and nobody is known to speak. */
  async watch(producerId: string): Promise<void> {
    try {
      // Made with the first microphone, so that the first join need not wait for it.
      this.#observers ??= this.#create();
      const observers = await this.#observers;
      await Promise.all(observers.map((observer) => observer.addProducer({ producerId })));
    } catch (error) {
      // A producer may close while it is being added; the worker may die.
      this.log.debug({ err: error, producerId }, 'cannot listen for a speaker');
    }
  }

  async #create(): Promise<[MediaActiveSpeakerObserver, MediaAudioLevelObserver]> {
    const [speaker, level] = await Promise.all([
      this.router.createActiveSpeakerObserver({ interval: DOMINANCE_INTERVAL_MS }),
      this.router.createAudioLevelObserver({
        maxEntries: MAX_LEVELS,
        threshold: LEVEL_THRESHOLD,
        interval: LEVEL_INTERVAL_MS,
      }),
    ]);
    speaker.on('dominantspeaker', ({ producer }) => this.events.onDominant(producer.id));
    level.on('volumes', (volumes) =>
      this.events.onVolumes(volumes.map(({ producer, volume }) => ({ producerId: producer.id, volume }))),
    );
    level.on('silence', () => this.events.onVolumes([]));
    return [speaker, level];
  }
}

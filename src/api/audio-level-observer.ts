import type { AudioLevelObserverNotifications } from '../worker/messages.js';
import type { AppData } from './app-data.js';
import type { EnhancedEventEmitter } from './enhanced-event-emitter.js';
import { Fields } from './ortc/fields.js';
import type { Producer } from './producer.js';
import { RtpObserver, type RtpObserverEvents, type RtpObserverObserverEvents } from './rtp-observer.js';

export interface AudioLevelObserverOptions<AudioLevelObserverAppData extends AppData = AppData> {
  /** How many producers a 'volumes' event lists at most. Default 1. */
  maxEntries?: number;
  /** Least average volume in dBov, -127 to 0, that is listed. Default -80. */
  threshold?: number;
  /** Milliseconds over which volumes are averaged, between events; values below 250 count as 250, above 5000 as 5000. Default 1000. */
  interval?: number;
  appData?: AudioLevelObserverAppData;
}

export interface AudioLevelObserverVolume {
  producer: Producer;
  /** Average of the last interval in dBov: -127 (silence) to 0 (loudest). */
  volume: number;
}

export type AudioLevelObserverEvents = RtpObserverEvents & {
  /** Once an interval, the loudest first; not while all are quiet. */
  volumes: [AudioLevelObserverVolume[]];
  /** All have gone quiet. */
  silence: [];
};

export type AudioLevelObserverObserverEvents = RtpObserverObserverEvents & {
  volumes: [AudioLevelObserverVolume[]];
  silence: [];
};

export type AudioLevelObserverObserver = EnhancedEventEmitter<AudioLevelObserverObserverEvents>;

const DEFAULT_MAX_ENTRIES = 1;
const DEFAULT_THRESHOLD = -80;
const DEFAULT_INTERVAL_MS = 1000;
const MAX_ENTRIES = 65_535;
const MAX_INTERVAL_MS = 65_535;

/**
 * Tells who is loudest, by the audio levels that the senders put into their packets (RFC 6464), without decoding
 * anything. Made by `router.createAudioLevelObserver()`.
 */
export class AudioLevelObserver<AudioLevelObserverAppData extends AppData = AppData> extends RtpObserver<
  AudioLevelObserverAppData,
  AudioLevelObserverEvents,
  AudioLevelObserverObserverEvents
> {
  override get type(): 'audiolevel' {
    return 'audiolevel';
  }

  protected override onNotification(event: string, data: unknown): void {
    switch (event as keyof AudioLevelObserverNotifications) {
      case 'volumes': {
        const volumes = (data as AudioLevelObserverNotifications['volumes']).flatMap(
          ({ producerId, volume }) => {
            const producer = this.findProducer(producerId);
            return producer ? [{ producer, volume }] : [];
          },
        );
        if (volumes.length > 0) {
          this.safeEmit('volumes', volumes);
          this.observer.safeEmit('volumes', volumes);
        }
        break;
      }
      case 'silence': {
        this.safeEmit('silence');
        this.observer.safeEmit('silence');
        break;
      }
    }
  }
}

/** Without `appData`, which has a check of its own. @throws TypeError that names the field. */
export function readAudioLevelObserverOptions(options: AudioLevelObserverOptions): {
  maxEntries: number;
  threshold: number;
  interval: number;
} {
  const fields = new Fields(options, 'options');
  return {
    maxEntries: fields.optionalInteger('maxEntries', 1, MAX_ENTRIES) ?? DEFAULT_MAX_ENTRIES,
    threshold: fields.optionalInteger('threshold', -127, 0) ?? DEFAULT_THRESHOLD,
    interval: fields.optionalInteger('interval', 1, MAX_INTERVAL_MS) ?? DEFAULT_INTERVAL_MS,
  };
}

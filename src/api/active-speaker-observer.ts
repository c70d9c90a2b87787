import type { ActiveSpeakerObserverNotifications } from '../worker/messages.js';
import type { AppData } from './app-data.js';
import type { EnhancedEventEmitter } from './enhanced-event-emitter.js';
import { Fields } from './ortc/fields.js';
import type { Producer } from './producer.js';
import { RtpObserver, type RtpObserverEvents, type RtpObserverObserverEvents } from './rtp-observer.js';

export interface ActiveSpeakerObserverOptions<ActiveSpeakerObserverAppData extends AppData = AppData> {
  /** Milliseconds between decisions; values below 100 count as 100, above 5000 as 5000. Default 300. */
  interval?: number;
  appData?: ActiveSpeakerObserverAppData;
}

export interface ActiveSpeakerObserverDominantSpeaker {
  producer: Producer;
}

export type ActiveSpeakerObserverEvents = RtpObserverEvents & {
  /** Somebody has taken over. */
  dominantspeaker: [ActiveSpeakerObserverDominantSpeaker];
};

export type ActiveSpeakerObserverObserverEvents = RtpObserverObserverEvents & {
  dominantspeaker: [ActiveSpeakerObserverDominantSpeaker];
};

export type ActiveSpeakerObserverObserver = EnhancedEventEmitter<ActiveSpeakerObserverObserverEvents>;

const DEFAULT_INTERVAL_MS = 300;
const MAX_INTERVAL_MS = 65_535;

/**
 * Tells who has the floor, by the audio levels that the senders put into their packets (RFC 6464). A cough, a short
 * interjection or steady noise does not take it, and a short pause does not lose it. Until somebody speaks nobody has it.
 * Made by `router.createActiveSpeakerObserver()`.
 */
export class ActiveSpeakerObserver<
  ActiveSpeakerObserverAppData extends AppData = AppData,
> extends RtpObserver<
  ActiveSpeakerObserverAppData,
  ActiveSpeakerObserverEvents,
  ActiveSpeakerObserverObserverEvents
> {
  override get type(): 'activespeaker' {
    return 'activespeaker';
  }

  protected override onNotification(event: string, data: unknown): void {
    if ((event as keyof ActiveSpeakerObserverNotifications) !== 'dominantspeaker') {
      return;
    }
    const { producerId } = data as ActiveSpeakerObserverNotifications['dominantspeaker'];
    const producer = this.findProducer(producerId);
    if (producer) {
      this.safeEmit('dominantspeaker', { producer });
      this.observer.safeEmit('dominantspeaker', { producer });
    }
  }
}

/** Without `appData`, which has a check of its own. @throws TypeError that names the field. */
export function readActiveSpeakerObserverOptions(options: ActiveSpeakerObserverOptions): {
  interval: number;
} {
  const fields = new Fields(options, 'options');
  return { interval: fields.optionalInteger('interval', 1, MAX_INTERVAL_MS) ?? DEFAULT_INTERVAL_MS };
}

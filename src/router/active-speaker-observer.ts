import { type CoreEnvironment } from './environment.js';
import {
  clamp,
  RtpObserver,
  type Meter,
  type ObservedProducer,
  type ObservedRouter,
} from './rtp-observer.js';
import { MIN_ACTIVITY_SCORE, SpeechActivity } from './speech-activity.js';

export interface ActiveSpeakerObserverSettings {
  /** Milliseconds; taken as 100 to 5000. */
  interval: number;
}

const MIN_INTERVAL_MS = 100;
const MAX_INTERVAL_MS = 5000;

/** By how much (natural logarithm) a challenger's score must exceed the dominant speaker's, per stretch of time. */
const IMMEDIATE_LEAD = 3;
const MEDIUM_LEAD = 2;
const LONG_LEAD = 0;

/** Who is compared with while there is no dominant speaker. */
const nobody = { immediate: MIN_ACTIVITY_SCORE, medium: MIN_ACTIVITY_SCORE, long: MIN_ACTIVITY_SCORE };

/**
 * Tells by 'dominantspeaker' who has the floor (Volfin and Cohen, 2013). Somebody takes it over by speaking now and for
 * a while, when the one who has it is silent; a cough or a word put in changes nothing, nor does silence.
 */
export class ActiveSpeakerObserver extends RtpObserver<Speaker> {
  private dominant: Speaker | null = null;

  constructor(
    id: string,
    router: ObservedRouter,
    environment: Pick<CoreEnvironment, 'timers' | 'notify'>,
    settings: ActiveSpeakerObserverSettings,
  ) {
    super(id, router, environment, clamp(settings.interval, MIN_INTERVAL_MS, MAX_INTERVAL_MS));
  }

  protected override createMeter(producer: ObservedProducer): Speaker {
    return new Speaker(producer);
  }

  protected override update(now: number): void {
    for (const speaker of this.meters.values()) speaker.evaluate(now);
    const challenger = this.challenger();
    if (challenger === null) return;
    this.dominant = challenger;
    this.environment.notify(this.id, 'dominantspeaker', { producerId: challenger.producer.id });
  }

  protected override removed(speaker: Speaker): void {
    if (this.dominant === speaker) this.dominant = null;
  }

  protected override suspended(): void {}

  /** The strongest of those who may take over, null when there is none. */
  private challenger(): Speaker | null {
    const { immediate, medium, long } = this.dominant?.activity ?? nobody;
    let best: Speaker | null = null;
    for (const speaker of this.meters.values()) {
      const { activity } = speaker;
      if (
        speaker === this.dominant ||
        Math.log(activity.immediate / immediate) <= IMMEDIATE_LEAD ||
        Math.log(activity.medium / medium) <= MEDIUM_LEAD ||
        Math.log(activity.long / long) <= LONG_LEAD
      ) {
        continue;
      }
      if (best === null || isStronger(activity, best.activity)) best = speaker;
    }
    return best;
  }
}

function isStronger(a: SpeechActivity, b: SpeechActivity): boolean {
  return a.medium > b.medium || (a.medium === b.medium && a.long > b.long);
}

class Speaker implements Meter {
  readonly activity = new SpeechActivity();

  constructor(readonly producer: ObservedProducer) {}

  audioLevel(now: number, _producer: ObservedProducer, level: number): void {
    this.activity.record(now, level);
  }

  /** A paused producer is heard by nobody, whatever it said before. */
  evaluate(now: number): void {
    if (this.producer.paused) this.activity.reset();
    this.activity.evaluate(now);
  }

  reset(): void {
    this.activity.reset();
  }
}

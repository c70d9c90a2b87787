import { type TimerClient } from '../stream/timers.js';
import { type CoreEnvironment } from './environment.js';

/** Hears the audio level of every packet (RFC 6464). Hot path: it allocates nothing. */
export interface AudioLevelListener {
  /** @param level -dBov, as sent: 0 is loudest, 127 is silence */
  audioLevel(now: number, producer: ObservedProducer, level: number, voice: boolean): void;
}

/** What an observer needs of a producer; Producer is one. */
export interface ObservedProducer {
  readonly id: string;
  readonly kind: 'audio' | 'video';
  readonly paused: boolean;
  /** Called in order for each packet that has an audio level and is not held back by a pause. */
  readonly audioLevelListeners: AudioLevelListener[];
}

/** What an observer needs of its router. */
export interface ObservedRouter {
  producer(id: string): ObservedProducer | undefined;
  addRtpObserver(observer: RouterObserver): void;
  removeRtpObserver(observer: RouterObserver): void;
}

/** What a router needs of its observers. */
export interface RouterObserver {
  readonly id: string;
  readonly producerIds: string[];
  removeProducer(producerId: string): void;
  close(): void;
}

/** The part of a producer's story that an observer keeps. */
export interface Meter extends AudioLevelListener {
  readonly producer: ObservedProducer;
  /** Forgets what it heard. */
  reset(): void;
}

/** Listens to some audio producers of a router and, every `interval` milliseconds, says what it made of them. */
export abstract class RtpObserver<M extends Meter = Meter> implements TimerClient, RouterObserver {
  timerIndex = -1;
  timerAt = 0;
  paused = false;
  protected readonly meters = new Map<string, M>();

  constructor(
    readonly id: string,
    private readonly router: ObservedRouter,
    protected readonly environment: Pick<CoreEnvironment, 'timers' | 'notify'>,
    private readonly interval: number,
  ) {
    router.addRtpObserver(this);
  }

  get producerIds(): string[] {
    return [...this.meters.keys()];
  }

  /**
   * Adding a producer again changes nothing.
   *
   * @returns false when the router has no such producer
   * @throws TypeError when it is no audio producer
   */
  addProducer(now: number, producerId: string): boolean {
    const producer = this.router.producer(producerId);
    if (producer === undefined) return false;
    if (producer.kind !== 'audio') {
      throw new TypeError(
        `invalid producerId: expected an audio producer, ${producerId} is ${producer.kind}`,
      );
    }
    if (this.meters.has(producerId)) return true;
    const meter = this.createMeter(producer);
    this.meters.set(producerId, meter);
    if (!this.paused) {
      producer.audioLevelListeners.push(meter);
      this.environment.timers.schedule(this, now + this.interval);
    }
    return true;
  }

  /** Does nothing for a producer that was not added. */
  removeProducer(producerId: string): void {
    const meter = this.meters.get(producerId);
    if (meter === undefined) return;
    this.meters.delete(producerId);
    detach(meter);
    this.removed(meter);
  }

  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.environment.timers.cancel(this);
    for (const meter of this.meters.values()) detach(meter);
    this.suspended();
  }

  resume(now: number): void {
    if (!this.paused) return;
    this.paused = false;
    for (const meter of this.meters.values()) {
      meter.reset();
      meter.producer.audioLevelListeners.push(meter);
    }
    if (this.meters.size > 0) this.environment.timers.schedule(this, now + this.interval);
  }

  handleTimeout(now: number): void {
    this.update(now);
    // With nobody to listen to there is nothing new to say.
    if (this.meters.size > 0) this.environment.timers.schedule(this, now + this.interval);
  }

  close(): void {
    this.environment.timers.cancel(this);
    for (const meter of this.meters.values()) detach(meter);
    this.meters.clear();
    this.router.removeRtpObserver(this);
  }

  protected abstract createMeter(producer: ObservedProducer): M;
  /** An interval is over. */
  protected abstract update(now: number): void;
  protected abstract removed(meter: M): void;
  protected abstract suspended(): void;
}

function detach(meter: Meter): void {
  const listeners = meter.producer.audioLevelListeners;
  const index = listeners.indexOf(meter);
  if (index >= 0) listeners.splice(index, 1);
}

export function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}

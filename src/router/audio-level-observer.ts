import { type CoreEnvironment } from './environment.js';
import {
  clamp,
  RtpObserver,
  type Meter,
  type ObservedProducer,
  type ObservedRouter,
} from './rtp-observer.js';

export interface AudioLevelObserverSettings {
  /** How many of the loudest are told. */
  maxEntries: number;
  /** dBov, -127 to 0: what is quieter on average is not told. */
  threshold: number;
  /** Milliseconds; taken as 250 to 5000. */
  interval: number;
}

/** An entry of the 'volumes' event. */
export interface AudioLevelVolume {
  producerId: string;
  /** Average of the interval in dBov, -127 to 0. */
  volume: number;
}

const MIN_INTERVAL_MS = 250;
const MAX_INTERVAL_MS = 5000;
/** Fewer packets in an interval are a scrap, whose average says little (mediasoup wants as many). */
const MIN_PACKETS = 10;
/** Opus packets are seldom longer; a short interval holds fewer than MIN_PACKETS of them. */
const LONGEST_PACKET_MS = 60;

/** Tells the loudest producers of each interval by 'volumes', and by 'silence' that the last of them has gone quiet. */
export class AudioLevelObserver extends RtpObserver<LevelMeter> {
  private readonly minPackets: number;
  private silence = true;

  constructor(
    id: string,
    router: ObservedRouter,
    environment: Pick<CoreEnvironment, 'timers' | 'notify'>,
    private readonly settings: AudioLevelObserverSettings,
  ) {
    const interval = clamp(settings.interval, MIN_INTERVAL_MS, MAX_INTERVAL_MS);
    super(id, router, environment, interval);
    this.minPackets = Math.min(MIN_PACKETS, Math.floor(interval / LONGEST_PACKET_MS));
  }

  protected override createMeter(producer: ObservedProducer): LevelMeter {
    return new LevelMeter(producer);
  }

  protected override update(): void {
    const volumes: AudioLevelVolume[] = [];
    for (const meter of this.meters.values()) {
      const { count, volume } = meter;
      meter.reset();
      if (count < this.minPackets || meter.producer.paused || volume < this.settings.threshold) continue;
      volumes.push({ producerId: meter.producer.id, volume });
    }
    if (volumes.length === 0) return this.quiet();
    this.silence = false;
    volumes.sort((a, b) => b.volume - a.volume);
    this.environment.notify(this.id, 'volumes', volumes.slice(0, this.settings.maxEntries));
  }

  protected override removed(): void {}

  protected override suspended(): void {
    this.quiet();
  }

  private quiet(): void {
    if (this.silence) return;
    this.silence = true;
    this.environment.notify(this.id, 'silence');
  }
}

class LevelMeter implements Meter {
  count = 0;
  private sum = 0;

  constructor(readonly producer: ObservedProducer) {}

  /** Average in dBov, rounded. */
  get volume(): number {
    return 0 - Math.round(this.sum / this.count);
  }

  audioLevel(_now: number, _producer: ObservedProducer, level: number): void {
    this.count += 1;
    this.sum += level;
  }

  reset(): void {
    this.count = 0;
    this.sum = 0;
  }
}

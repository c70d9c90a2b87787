import { type ObservedRouter, type RouterObserver } from '#src/router/rtp-observer.js';
import { Timers } from '#src/stream/timers.js';
import { FakeProducer, type Voice } from './speech.js';

export interface Told {
  at: number;
  event: string;
  data: unknown;
}

/** A router of nothing but audio levels, for observers, on virtual time. */
export class ObservedRoom implements ObservedRouter {
  now = 1000;
  readonly timers = new Timers();
  readonly told: Told[] = [];
  readonly observers = new Set<RouterObserver>();
  private readonly producers = new Map<string, FakeProducer>();
  private readonly voices = new Map<FakeProducer, { voice: Voice; packetMs: number; next: number }>();

  readonly notify = (_id: string, event: string, data?: unknown): void => {
    this.told.push({ at: this.now, event, data });
  };

  producer(id: string): FakeProducer | undefined {
    return this.producers.get(id);
  }

  addRtpObserver(observer: RouterObserver): void {
    this.observers.add(observer);
  }

  removeRtpObserver(observer: RouterObserver): void {
    this.observers.delete(observer);
  }

  /** @param voice by the time since the room began */
  join(id: string, voice: Voice, packetMs = 20): FakeProducer {
    const producer = new FakeProducer(id);
    this.producers.set(id, producer);
    this.voices.set(producer, { voice, packetMs, next: this.now });
    return producer;
  }

  add(producer: FakeProducer): void {
    this.producers.set(producer.id, producer);
  }

  /** It sends no more packets (discontinuous transmission), or it does again. */
  speak(producer: FakeProducer, voice: Voice | null, packetMs = 20): void {
    if (voice === null) this.voices.delete(producer);
    else this.voices.set(producer, { voice, packetMs, next: this.now });
  }

  advance(ms: number): void {
    const end = this.now + ms;
    while (this.now < end) {
      for (const [producer, stream] of this.voices) {
        while (stream.next <= this.now) {
          producer.packet(this.now, stream.voice(this.now - 1000));
          stream.next += stream.packetMs;
        }
      }
      this.timers.run(this.now);
      this.now += 1;
    }
  }

  events(event: string): unknown[] {
    return this.told.filter((entry) => entry.event === event).map((entry) => entry.data);
  }
}

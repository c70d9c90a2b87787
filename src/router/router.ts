import { type CoreEnvironment } from './environment.js';
import { type Producer } from './producer.js';
import { type RouterObserver } from './rtp-observer.js';

/** What a router needs of its transports; RtpTransport is one. */
export interface RouterTransport {
  readonly id: string;
  close(now: number): void;
}

/** Which transports and producers belong together: a consumer may receive any producer of its router. */
export class Router {
  private readonly transports = new Set<RouterTransport>();
  private readonly producers = new Map<string, Producer>();
  private readonly rtpObservers = new Set<RouterObserver>();

  constructor(
    readonly id: string,
    private readonly environment: CoreEnvironment,
  ) {}

  addTransport(transport: RouterTransport): void {
    this.transports.add(transport);
  }

  removeTransport(transport: RouterTransport): void {
    this.transports.delete(transport);
  }

  /** @throws Error when the id is taken */
  addProducer(producer: Producer): void {
    if (this.producers.has(producer.id))
      throw new Error(`a Producer with same id "${producer.id}" already exists`);
    this.producers.set(producer.id, producer);
  }

  /** Its consumers go with it. */
  removeProducer(now: number, producer: Producer): void {
    if (this.producers.get(producer.id) !== producer) return;
    this.producers.delete(producer.id);
    producer.close();
    for (const observer of this.rtpObservers) observer.removeProducer(producer.id);
    for (const consumer of [...producer.consumers]) {
      consumer.transport.closeConsumer(now, consumer.id);
      this.environment.notify(consumer.id, 'producerclose');
    }
  }

  producer(id: string): Producer | undefined {
    return this.producers.get(id);
  }

  addRtpObserver(observer: RouterObserver): void {
    this.rtpObservers.add(observer);
  }

  removeRtpObserver(observer: RouterObserver): void {
    this.rtpObservers.delete(observer);
  }

  close(now: number): void {
    for (const transport of [...this.transports]) transport.close(now);
    for (const observer of [...this.rtpObservers]) observer.close();
  }

  dump(): object {
    return {
      id: this.id,
      transportIds: [...this.transports].map((transport) => transport.id),
      rtpObserverIds: [...this.rtpObservers].map((observer) => observer.id),
      mapProducerIdConsumerIds: [...this.producers.values()].map((producer) => ({
        key: producer.id,
        values: producer.consumers.map((consumer) => consumer.id),
      })),
      mapConsumerIdProducerId: [...this.producers.values()].flatMap((producer) =>
        producer.consumers.map((consumer) => ({ key: consumer.id, value: producer.id })),
      ),
      mapProducerIdObserverIds: this.observersByProducer(),
    };
  }

  /** Only producers that somebody observes. */
  private observersByProducer(): { key: string; values: string[] }[] {
    const observerIds = new Map<string, string[]>();
    for (const { id, producerIds } of this.rtpObservers) {
      for (const producerId of producerIds) {
        observerIds.set(producerId, [...(observerIds.get(producerId) ?? []), id]);
      }
    }
    return [...observerIds].map(([key, values]) => ({ key, values }));
  }
}

/** A media backend without media: entities with mediasoup's closure rules and events, made on the spot. */
import { EventEmitter } from 'node:events';
import { testFakeParameters, type types } from 'mediasoup-client';
import type {
  MediaActiveSpeakerObserver,
  MediaAudioLevelObserver,
  MediaBackend,
  MediaConsumer,
  MediaPipe,
  MediaProducer,
  MediaRouter,
  MediaStats,
  MediaTransport,
  RouterPlacement,
} from '#src/gateway/media-backend.js';

type ProduceOptions = Parameters<MediaTransport['produce']>[0];
type ConsumeOptions = Parameters<MediaTransport['consume']>[0];

let nextId = 1;

class Entity extends EventEmitter {
  closed = false;

  constructor(readonly id = `fake-${nextId++}`) {
    super();
  }

  /** Tells by '@close', which the gateway cannot know. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.emit('@close');
  }

  getStats(): Promise<unknown[]> {
    return Promise.resolve([{ type: 'fake', id: this.id }]);
  }
}

export class FakeProducer extends Entity implements MediaProducer {
  readonly consumers = new Set<FakeConsumer>();
  readonly kind: ProduceOptions['kind'];
  readonly rtpParameters: ProduceOptions['rtpParameters'];
  wantedEncodings: boolean[];
  paused: boolean;

  constructor(
    private readonly transport: FakeTransport,
    options: ProduceOptions,
    id?: string,
  ) {
    super(id);
    this.kind = options.kind;
    this.paused = options.paused;
    this.rtpParameters = options.rtpParameters;
    this.wantedEncodings = (options.rtpParameters.encodings ?? [{}]).map(() => true);
  }

  /** As when viewers come to want other layers. */
  want(encodings: boolean[]): void {
    this.wantedEncodings = encodings;
    this.emit('wantedencodingschange', encodings);
  }

  pause(): Promise<void> {
    this.paused = true;
    this.emit('@pause');
    for (const consumer of this.consumers) consumer.emit('producerpause');
    return Promise.resolve();
  }

  resume(): Promise<void> {
    this.paused = false;
    this.emit('@resume');
    for (const consumer of this.consumers) consumer.emit('producerresume');
    return Promise.resolve();
  }

  override close(): void {
    if (this.closed) return;
    super.close();
    this.transport.router.producers.delete(this.id);
    for (const consumer of [...this.consumers]) {
      consumer.close();
      consumer.emit('producerclose');
    }
  }
}

export class FakeConsumer extends Entity implements MediaConsumer {
  readonly kind: MediaConsumer['kind'];
  readonly type = 'simple';
  readonly rtpParameters: MediaConsumer['rtpParameters'];
  keyFrameRequests = 0;
  preferredLayers: object | undefined;
  priority = 1;
  paused: boolean;

  constructor(
    readonly producer: FakeProducer,
    options: ConsumeOptions,
  ) {
    super();
    this.kind = producer.kind;
    this.paused = options.paused;
    const codecMimeType = producer.kind === 'audio' ? 'audio/opus' : 'video/VP8';
    const generated = testFakeParameters.generateConsumerRemoteParameters({ codecMimeType });
    this.rtpParameters = generated.rtpParameters as MediaConsumer['rtpParameters'];
    producer.consumers.add(this);
  }

  get producerPaused(): boolean {
    return this.producer.paused;
  }

  pause(): Promise<void> {
    this.paused = true;
    return Promise.resolve();
  }

  resume(): Promise<void> {
    this.paused = false;
    return Promise.resolve();
  }

  setPriority(priority: number): Promise<void> {
    this.priority = priority;
    return Promise.resolve();
  }

  setPreferredLayers(layers: object): Promise<void> {
    this.preferredLayers = layers;
    return Promise.resolve();
  }

  requestKeyFrame(): Promise<void> {
    this.keyFrameRequests++;
    return Promise.resolve();
  }

  override close(): void {
    super.close();
    this.producer.consumers.delete(this);
  }
}

export class FakeTransport extends Entity implements MediaTransport {
  readonly iceParameters: MediaTransport['iceParameters'];
  readonly iceCandidates: MediaTransport['iceCandidates'];
  readonly dtlsParameters: MediaTransport['dtlsParameters'];
  readonly producers = new Set<FakeProducer>();
  readonly consumers = new Set<FakeConsumer>();
  connectedWith: object | undefined;
  iceRestarts = 0;

  constructor(readonly router: FakeRouter) {
    super();
    const generated = testFakeParameters.generateTransportRemoteParameters();
    this.iceParameters = generated.iceParameters;
    this.iceCandidates = generated.iceCandidates;
    this.dtlsParameters = generated.dtlsParameters;
  }

  connect({ dtlsParameters }: { dtlsParameters: object }): Promise<void> {
    if (this.connectedWith) return Promise.reject(new Error('connect() already called'));
    this.connectedWith = dtlsParameters;
    return Promise.resolve();
  }

  restartIce(): Promise<MediaTransport['iceParameters']> {
    this.iceRestarts++;
    return Promise.resolve(this.iceParameters);
  }

  async produce(options: ProduceOptions): Promise<FakeProducer> {
    await Promise.resolve();
    if (options.rtpParameters.codecs[0].mimeType === 'video/unheard-of') {
      const error = new Error('unsupported codec');
      error.name = 'UnsupportedError';
      throw error;
    }
    const producer = new FakeProducer(this, options);
    this.producers.add(producer);
    this.router.producers.set(producer.id, producer);
    return producer;
  }

  async consume(options: ConsumeOptions): Promise<FakeConsumer> {
    // As with a worker in another thread.
    await new Promise(setImmediate);
    const producer = this.router.producers.get(options.producerId);
    if (!producer) throw notFound('no such producer');
    const consumer = new FakeConsumer(producer, options);
    this.consumers.add(consumer);
    return consumer;
  }

  override close(): void {
    if (this.closed) return;
    super.close();
    for (const child of [...this.producers, ...this.consumers]) {
      if (child.closed) continue;
      child.close();
      child.emit('transportclose');
    }
  }
}

/** A producer at the far end of a pipe. */
export class FakePipe implements MediaPipe {
  readonly far: FakeProducer;

  constructor(producer: FakeProducer, to: FakeRouter) {
    const { kind, paused, rtpParameters, id } = producer;
    const transport = new FakeTransport(to);
    to.transports.push(transport);
    const far = (this.far = new FakeProducer(transport, { kind, paused, rtpParameters }, id));
    transport.producers.add(far);
    to.producers.set(id, far);
    producer.on('@close', () => far.close());
    producer.on('@pause', () => void far.pause());
    producer.on('@resume', () => void far.resume());
  }

  get closed(): boolean {
    return this.far.closed;
  }

  close(): void {
    this.far.close();
  }

  onClosed(listener: () => void): void {
    this.far.on('@close', listener);
  }
}

/** Both observers of a router; the test plays who speaks. */
export class FakeObserver
  extends EventEmitter
  implements MediaActiveSpeakerObserver, MediaAudioLevelObserver
{
  readonly producerIds = new Set<string>();

  addProducer({ producerId }: { producerId: string }): Promise<void> {
    this.producerIds.add(producerId);
    return Promise.resolve();
  }

  dominant(producerId: string): void {
    this.emit('dominantspeaker', { producer: { id: producerId } });
  }

  volumes(producerIds: string[]): void {
    this.emit(
      'volumes',
      producerIds.map((id, index) => ({ producer: { id }, volume: -20 - index })),
    );
  }
}

export class FakeRouter implements MediaRouter {
  readonly pipes: FakePipe[] = [];
  readonly observer = new FakeObserver();
  readonly producers = new Map<string, FakeProducer>();
  readonly transports: FakeTransport[] = [];
  closed = false;
  #onWorkerClosed: () => void = () => {};

  constructor(
    private readonly media: FakeMedia,
    readonly worker: number,
    readonly expected: () => number,
  ) {}

  get workerLoad(): number {
    return this.media.workerLoads[this.worker];
  }

  get openConsumers(): FakeConsumer[] {
    return this.transports.flatMap(({ consumers }) => [...consumers].filter(({ closed }) => !closed));
  }

  async pipe(producerId: string, to: MediaRouter): Promise<FakePipe> {
    this.media.pipesAsked++;
    await this.media.piping;
    const producer = this.producers.get(producerId);
    if (!producer || this.closed || (to as FakeRouter).closed) throw notFound('no such producer or router');
    if ((to as FakeRouter).producers.has(producerId)) throw new TypeError('that id is in use there');
    const pipe = new FakePipe(producer, to as FakeRouter);
    this.pipes.push(pipe);
    return pipe;
  }

  createTransport(): Promise<FakeTransport> {
    const transport = new FakeTransport(this);
    this.transports.push(transport);
    return Promise.resolve(transport);
  }

  canConsume({
    producerId,
    rtpCapabilities,
  }: {
    producerId: string;
    rtpCapabilities: { codecs?: unknown[] };
  }): boolean {
    return this.producers.has(producerId) && (rtpCapabilities.codecs?.length ?? 0) > 0;
  }

  createActiveSpeakerObserver(): Promise<FakeObserver> {
    return Promise.resolve(this.observer);
  }

  createAudioLevelObserver(): Promise<FakeObserver> {
    return Promise.resolve(this.observer);
  }

  onWorkerClosed(listener: () => void): void {
    this.#onWorkerClosed = listener;
  }

  close(): void {
    this.closed = true;
    for (const transport of this.transports) transport.close();
  }

  /** What the library does when the worker below dies. */
  die(): void {
    this.close();
    this.#onWorkerClosed();
  }
}

function notFound(message: string): Error {
  return Object.assign(new Error(message), { name: 'NotFoundError' });
}

export class FakeMedia implements MediaBackend {
  readonly rtpCapabilities = testFakeParameters.generateRouterRtpCapabilities() as types.RtpCapabilities &
    MediaBackend['rtpCapabilities'];
  workerDeaths = 0;
  responsive = true;
  /** How often somebody asked for `stats`. */
  looks = 0;
  stats: MediaStats | Error = {
    datagramsReceived: 7,
    bytesReceived: 700,
    datagramsSent: 9,
    bytesSent: 900,
    drops: { 'unknown-tuple': 2, 'send-ENETUNREACH': 1 },
    sendQueueBytes: 42,
    workerCpuSeconds: [1.5, 0.25],
    answeringWorkers: 2,
  };
  /** While set, no router can be made. */
  failure: Error | undefined;
  closed = false;
  readonly routers: FakeRouter[] = [];
  /** Pipes are made when this resolves. */
  piping = Promise.resolve();
  pipesAsked = 0;

  constructor(readonly workerCount = 1) {}

  get workerLoads(): number[] {
    return Array.from({ length: this.workerCount }, (_, worker) => {
      const here = this.openRouters.filter((router) => router.worker === worker);
      return here.reduce((load, { openConsumers, expected }) => load + openConsumers.length + expected(), 0);
    });
  }

  get openRouters(): FakeRouter[] {
    return this.routers.filter(({ closed }) => !closed);
  }

  get openPipes(): FakePipe[] {
    return this.routers.flatMap(({ pipes }) => pipes.filter(({ closed }) => !closed));
  }

  get router(): FakeRouter {
    return this.routers[this.routers.length - 1];
  }

  get consumers(): FakeConsumer[] {
    return this.routers.flatMap(({ transports }) => transports.flatMap(({ consumers }) => [...consumers]));
  }

  leastLoad(notOn: readonly MediaRouter[]): number {
    return Math.min(...this.#free(notOn).map((worker) => this.workerLoads[worker]));
  }

  createRouter({ notOn = [], expected = () => 0 }: RouterPlacement = {}): Promise<FakeRouter> {
    if (this.failure) return Promise.reject(this.failure);
    const loads = this.workerLoads;
    const [worker] = this.#free(notOn).sort((a, b) => loads[a] - loads[b]);
    const router = new FakeRouter(this, worker, expected);
    this.routers.push(router);
    return Promise.resolve(router);
  }

  isResponsive(): Promise<boolean> {
    return Promise.resolve(this.responsive);
  }

  getStats(): Promise<MediaStats> {
    this.looks++;
    return this.stats instanceof Error ? Promise.reject(this.stats) : Promise.resolve(this.stats);
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  #free(notOn: readonly MediaRouter[]): number[] {
    const taken = notOn.map((router) => (router as FakeRouter).worker);
    return this.workerLoads.flatMap((_, worker) => (taken.includes(worker) ? [] : [worker]));
  }
}

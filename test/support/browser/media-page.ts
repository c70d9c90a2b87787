import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { types as clientTypes } from 'mediasoup-client';
import type { Browser, Page } from 'playwright-core';
import type { types } from 'sluss';

const script = fileURLToPath(new URL('media-script.ts', import.meta.url));

export interface CameraOptions {
  width: number;
  height: number;
  frameRate: number;
  /** `video/VP8` and so on. */
  codec: string;
  encodings: clientTypes.RtpEncodingParameters[];
}

/** What one receiver counts so far, from RTCInboundRtpStreamStats; times there are in seconds. */
export interface Sample {
  consumerId: string;
  kind: 'audio' | 'video';
  /** performance.now() of the page. */
  at: number;
  /** Longest time between two pictures on the screen since `forgetGaps()`, the present wait included; in ms. */
  longestGap: number;
  frameWidth: number;
  framesDecoded: number;
  framesDropped: number;
  keyFramesDecoded: number;
  freezeCount: number;
  totalFreezesDuration: number;
  concealedSamples: number;
  totalSamplesReceived: number;
  jitterBufferDelay: number;
  jitterBufferEmittedCount: number;
  bytesReceived: number;
  packetsReceived: number;
  packetsLost: number;
  nackCount: number;
  pliCount: number;
}

/** One encoding of a producer, from RTCOutboundRtpStreamStats. */
export interface Sending {
  rid?: string;
  frameWidth?: number;
  framesPerSecond?: number;
  qualityLimitationReason?: string;
  scalabilityMode?: string;
}

export interface ConsumeRequest {
  transportId: string;
  /** Whose it is: streams of one person play together. */
  person: string;
  options: clientTypes.ConsumerOptions;
}

/** What the script of the page offers to this file, and this file to it. */
export interface MediaWindow {
  mediaLoad(routerRtpCapabilities: clientTypes.RtpCapabilities): Promise<clientTypes.RtpCapabilities>;
  mediaTransport(direction: 'send' | 'recv', options: clientTypes.TransportOptions): void;
  mediaCanSend(codec: string): boolean;
  mediaCamera(transportId: string, options: CameraOptions): Promise<string>;
  mediaTone(transportId: string, repeated: boolean): Promise<string>;
  mediaStop(producerId: string): void;
  mediaSending(producerId: string): Promise<Sending[]>;
  mediaConsume(transportId: string, requests: ConsumeRequest[]): Promise<void>;
  mediaSamples(): Promise<Sample[]>;
  mediaForgetGaps(consumerId: string): void;
  mediaCloseTransport(transportId: string): void;
  /** Both made by this file. */
  mediaConnect(transportId: string, dtlsParameters: clientTypes.DtlsParameters): Promise<void>;
  mediaProduce(
    transportId: string,
    kind: types.MediaKind,
    rtpParameters: clientTypes.RtpParameters,
  ): Promise<string>;
}

declare const window: MediaWindow;

/**
 * A bare page that sends to a router in this process and receives from it, over as many transports as asked for. One page
 * can so play several people: pages cost more than streams.
 */
export class MediaPage {
  readonly #transports = new Map<string, types.WebRtcTransport>();
  readonly #producers = new Map<string, types.Producer>();

  private constructor(
    readonly page: Page,
    readonly rtpCapabilities: types.RtpCapabilities,
    private readonly router: types.Router,
    transports: Map<string, types.WebRtcTransport>,
    producers: Map<string, types.Producer>,
  ) {
    this.#transports = transports;
    this.#producers = producers;
  }

  static async open(browser: Browser, router: types.Router): Promise<MediaPage> {
    const bundle = await build({ entryPoints: [script], bundle: true, write: false, format: 'iife' });
    const page = await browser.newPage({ viewport: { width: 480, height: 320 } });
    const transports = new Map<string, types.WebRtcTransport>();
    const producers = new Map<string, types.Producer>();
    // Answered here, not by any server; a secure origin, without which there is neither camera nor mediasoup-client.
    await page.route('https://media.test/', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><body>' }),
    );
    await page.goto('https://media.test/');
    await page.exposeFunction('mediaConnect', (id: string, dtlsParameters: types.DtlsParameters) =>
      transports.get(id)!.connect({ dtlsParameters }),
    );
    await page.exposeFunction(
      'mediaProduce',
      async (id: string, kind: types.MediaKind, rtpParameters: types.RtpParameters) => {
        const producer = await transports.get(id)!.produce({ kind, rtpParameters });
        producers.set(producer.id, producer);
        return producer.id;
      },
    );
    await page.addScriptTag({ content: bundle.outputFiles[0].text });
    const rtpCapabilities = await page.evaluate(
      (capabilities) => window.mediaLoad(capabilities),
      router.rtpCapabilities as clientTypes.RtpCapabilities,
    );
    return new MediaPage(page, rtpCapabilities as types.RtpCapabilities, router, transports, producers);
  }

  /**
   * A transport at the server and its end in the page.
   * @param through the port that the page takes for the server's, given the server's: where a proxy may stand between
   */
  async createTransport(
    direction: 'send' | 'recv',
    through: (serverPort: number) => Promise<number> = (port) => Promise.resolve(port),
  ): Promise<types.WebRtcTransport> {
    const transport = await this.router.createWebRtcTransport({
      listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }],
    });
    this.#transports.set(transport.id, transport);
    const { id, iceParameters, dtlsParameters } = transport;
    const [candidate] = transport.iceCandidates;
    const iceCandidates = [{ ...candidate, port: await through(candidate.port) }];
    await this.page.evaluate(([way, options]) => window.mediaTransport(way, options), [
      direction,
      { id, iceParameters, iceCandidates, dtlsParameters },
    ] as ['send', clientTypes.TransportOptions]);
    return transport;
  }

  async closeTransport(transport: types.WebRtcTransport): Promise<void> {
    await this.page.evaluate((id) => window.mediaCloseTransport(id), transport.id);
    this.#transports.delete(transport.id);
    transport.close();
  }

  canSend(codec: string): Promise<boolean> {
    return this.page.evaluate((mimeType) => window.mediaCanSend(mimeType), codec);
  }

  async publishCamera(transport: types.WebRtcTransport, options: CameraOptions): Promise<types.Producer> {
    const id = await this.page.evaluate(([transportId, camera]) => window.mediaCamera(transportId, camera), [
      transport.id,
      options,
    ] as const);
    return this.#producers.get(id)!;
  }

  /**
   * A sound that never pauses, of 24 kbps.
   * @param repeated each packet carries the sound of the one before too (RFC 2198)
   */
  async publishTone(transport: types.WebRtcTransport, repeated = false): Promise<types.Producer> {
    const id = await this.page.evaluate(([transportId, twice]) => window.mediaTone(transportId, twice), [
      transport.id,
      repeated,
    ] as const);
    return this.#producers.get(id)!;
  }

  async stop(producer: types.Producer): Promise<void> {
    await this.page.evaluate((id) => window.mediaStop(id), producer.id);
    this.#producers.delete(producer.id);
    producer.close();
  }

  sending(producer: types.Producer): Promise<Sending[]> {
    return this.page.evaluate((id) => window.mediaSending(id), producer.id);
  }

  /** Receives and plays the producers, all from the first packet that they send after this. */
  async consume(
    transport: types.WebRtcTransport,
    wanted: readonly { person: string; producer: types.Producer; preferredLayers?: types.ConsumerLayers }[],
  ): Promise<types.Consumer[]> {
    const consumers = await Promise.all(
      wanted.map(({ producer, preferredLayers }) =>
        transport.consume({
          producerId: producer.id,
          rtpCapabilities: this.rtpCapabilities,
          paused: true,
          preferredLayers,
        }),
      ),
    );
    const requests = consumers.map(({ id, kind, rtpParameters }, index) => ({
      transportId: transport.id,
      person: wanted[index].person,
      options: {
        id,
        producerId: wanted[index].producer.id,
        kind,
        rtpParameters,
        streamId: wanted[index].person,
      },
    }));
    await this.page.evaluate(
      ([transportId, list]) => window.mediaConsume(transportId, list as ConsumeRequest[]),
      [transport.id, requests] as const,
    );
    await Promise.all(consumers.map((consumer) => consumer.resume()));
    return consumers;
  }

  /** Of every consumer in the page. */
  samples(): Promise<Sample[]> {
    return this.page.evaluate(() => window.mediaSamples());
  }

  /** `longestGap` of this consumer begins anew. */
  forgetGaps(consumerId: string): Promise<void> {
    return this.page.evaluate((id) => window.mediaForgetGaps(id), consumerId);
  }
}

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Test } from 'tap';
import { createWorker, type types } from 'sluss';
import type { LinkSettings } from '../impairment/impaired-link.js';
import { ImpairmentProxy } from '../impairment/impairment-proxy.js';
import { launchChromium } from './browsers.js';
import { MediaPage, type Sample } from './media-page.js';
import { until } from './until.js';
import { type Reception, summarize, type TimelineRow } from './reception.js';

export interface Condition {
  name: string;
  toClient?: Partial<LinkSettings>;
  toServer?: Partial<LinkSettings>;
}

/** libwebrtc sends three layers of a picture this small only when told so. */
export const THREE_SMALL_LAYERS = '--force-fieldtrials=WebRTC-LegacySimulcastLayerLimit/Disabled/';

export const CAMERA = { width: 640, height: 360, frameRate: 15, codec: 'video/VP8' };

/** Lowest first. The fake camera's picture needs these bitrates, so each layer sends what it may. */
export const ENCODINGS: RTCRtpEncodingParameters[] = [
  { rid: 'r0', scaleResolutionDownBy: 4, maxBitrate: 50_000 },
  { rid: 'r1', scaleResolutionDownBy: 2, maxBitrate: 100_000 },
  { rid: 'r2', scaleResolutionDownBy: 1, maxBitrate: 180_000 },
];

const SAMPLE_INTERVAL_MS = 500;
const PEOPLE = ['anna', 'bjorn'];

export interface Publisher {
  person: string;
  transport: types.WebRtcTransport;
  camera: types.Producer;
  tone: types.Producer;
  /** Only when asked for. */
  uplink?: ImpairmentProxy;
}

/**
 * Two people who send picture and sound over a good network, and viewers of both who each sit behind a bad one. The router
 * is in this process; one page plays the people, another one the viewers.
 */
export class ImpairedCall {
  private constructor(
    private readonly t: Test,
    private readonly stage: MediaPage,
    private readonly audience: MediaPage,
    readonly publishers: readonly Publisher[],
  ) {}

  /** @param uplinks put a proxy, clean at first, between each publisher and the server */
  static async open(t: Test, { uplinks = false } = {}): Promise<ImpairedCall> {
    const worker = await createWorker();
    t.teardown(() => worker.close());
    const router = await worker.createRouter({
      mediaCodecs: [
        { kind: 'audio', mimeType: 'audio/opus', clockRate: 48000, channels: 2 },
        { kind: 'audio', mimeType: 'audio/red', clockRate: 48000, channels: 2 },
        { kind: 'video', mimeType: 'video/VP8', clockRate: 90000 },
      ],
    });
    const browser = await launchChromium(t, [THREE_SMALL_LAYERS]);
    const stage = await MediaPage.open(browser, router);
    const audience = await MediaPage.open(browser, router);
    const publishers: Publisher[] = [];
    for (const person of PEOPLE) {
      let uplink: ImpairmentProxy | undefined;
      const transport = await stage.createTransport('send', async (serverPort) => {
        if (!uplinks) return serverPort;
        uplink = await ImpairmentProxy.open(t, { serverPort });
        return uplink.port;
      });
      const tone = await stage.publishTone(transport);
      const camera = await stage.publishCamera(transport, { ...CAMERA, encodings: ENCODINGS });
      publishers.push({ person, transport, camera, tone, uplink });
    }
    const call = new ImpairedCall(t, stage, audience, publishers);
    for (const publisher of publishers) await call.#waitForAllLayers(publisher);
    return call;
  }

  /** Bits per second of each layer of each camera, lowest first, as they arrive at the router. */
  async layerBitrates(): Promise<number[][]> {
    return Promise.all(
      this.publishers.map(async ({ camera }) => {
        const stats = await camera.getStats();
        return ENCODINGS.map(({ rid }) => stats.find((one) => one.rid === rid)?.bitrate ?? 0);
      }),
    );
  }

  /** Bits per second of both voices together. */
  async voiceBitrate(): Promise<number> {
    const stats = await Promise.all(this.publishers.map(({ tone }) => tone.getStats()));
    return stats.flat().reduce((sum, { bitrate }) => sum + bitrate, 0);
  }

  /** From now on each voice carries every sound twice (RFC 2198), as is wise where packets get lost. */
  async repeatVoices(): Promise<void> {
    for (const publisher of this.publishers) {
      await this.stage.stop(publisher.tone);
      publisher.tone = await this.stage.publishTone(publisher.transport, true);
    }
  }

  /** Somebody begins to see and hear everyone. */
  async join(condition: Condition): Promise<Viewer> {
    let proxy: ImpairmentProxy | undefined;
    const transport = await this.audience.createTransport('recv', async (serverPort) => {
      proxy = await ImpairmentProxy.open(this.t, { serverPort, ...condition });
      return proxy.port;
    });
    const consumers = await this.audience.consume(
      transport,
      this.publishers.flatMap(({ person, tone, camera }) => [
        { person, producer: tone },
        { person, producer: camera },
      ]),
    );
    return new Viewer(condition.name, this.audience, transport, proxy!, consumers);
  }

  async #waitForAllLayers({ person, camera }: Publisher): Promise<void> {
    await until(`all layers of ${person}`, async () => {
      const sending = await this.stage.sending(camera);
      const whole = sending.filter(
        ({ framesPerSecond = 0, qualityLimitationReason }) =>
          framesPerSecond > 0 && qualityLimitationReason === 'none',
      );
      return whole.length === ENCODINGS.length;
    });
  }
}

/** One receiving transport behind its own proxy. */
export class Viewer {
  readonly timeline: TimelineRow[] = [];
  readonly #begun = performance.now();

  constructor(
    readonly name: string,
    private readonly audience: MediaPage,
    readonly transport: types.WebRtcTransport,
    readonly proxy: ImpairmentProxy,
    readonly consumers: readonly types.Consumer[],
  ) {}

  /** Takes a sample every half second. */
  async watch(durationMs: number): Promise<void> {
    const end = performance.now() + durationMs;
    for (;;) {
      this.timeline.push(await this.#look());
      const rest = end - performance.now();
      if (rest <= 0) return;
      await wait(Math.min(rest, SAMPLE_INTERVAL_MS));
    }
  }

  /** Resolves when every picture moves again; the time in ms that this took. Rejects after the limit. */
  async untilPicturesMove(limitMs: number): Promise<number> {
    const started = performance.now();
    const { video: before } = await this.#samples();
    await until(
      'moving pictures',
      async () => {
        const { video: now } = await this.#samples();
        return now.every(({ framesDecoded }, index) => framesDecoded > before[index].framesDecoded);
      },
      { limitMs, everyMs: 40 },
    );
    return performance.now() - started;
  }

  /** What was seen and heard since the beginning; layers and pictures per second of the last `settledMs`. */
  reception(settledMs: number): Reception {
    return summarize(this.name, this.timeline, settledMs);
  }

  async leave(): Promise<void> {
    await this.#dump();
    await this.audience.closeTransport(this.transport);
    this.proxy.close();
  }

  async #look(): Promise<TimelineRow> {
    const [{ video, audio }, [stats]] = await Promise.all([this.#samples(), this.transport.getStats()]);
    return {
      at: performance.now() - this.#begun,
      video,
      audio,
      layers: this.consumers.filter(({ kind }) => kind === 'video').map(({ currentLayers }) => currentLayers),
      estimate: stats.availableOutgoingBitrate ?? 0,
      queueTime: this.proxy.queueTime,
      link: { ...this.proxy.toClient },
    };
  }

  async #samples(): Promise<{ audio: Sample[]; video: Sample[] }> {
    const mine = new Set(this.consumers.map(({ id }) => id));
    const samples = (await this.audience.samples()).filter(({ consumerId }) => mine.has(consumerId));
    return {
      audio: samples.filter(({ kind }) => kind === 'audio'),
      video: samples.filter(({ kind }) => kind === 'video'),
    };
  }

  /** With TIMELINES=<folder> in the environment: every sample as a line of JSON, to see what happened when. */
  async #dump(): Promise<void> {
    const folder = process.env.TIMELINES;
    if (folder === undefined) return;
    await mkdir(folder, { recursive: true });
    const file = join(folder, `${this.name.replaceAll(/\W+/g, '-')}.jsonl`);
    await writeFile(file, this.timeline.map((row) => JSON.stringify(row) + '\n').join(''));
  }
}

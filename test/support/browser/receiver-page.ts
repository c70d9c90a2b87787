import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { types as clientTypes } from 'mediasoup-client';
import type { Browser, Page } from 'playwright-core';
import type { types } from 'sluss';

const script = fileURLToPath(new URL('receiver-script.ts', import.meta.url));

/** What the script of the page offers to this file. */
export interface ReceiverWindow {
  receiverLoad(routerRtpCapabilities: clientTypes.RtpCapabilities): Promise<clientTypes.RtpCapabilities>;
  receiverTransport(options: clientTypes.TransportOptions): void;
  receiverConsume(options: clientTypes.ConsumerOptions): Promise<void>;
  receiverStats(): Promise<Received>;
  /** Made by this file: called when the browser knows its DTLS parameters. */
  receiverConnect(dtlsParameters: clientTypes.DtlsParameters): Promise<void>;
}

export interface Received {
  /** performance.now() of the page. */
  at: number;
  framesDecoded: number;
  freezeCount: number;
  packetsLost: number;
}

declare const window: ReceiverWindow;

/**
 * A bare page that receives from a router, with nothing of signalling between them: the router is in this process and
 * its parameters go into the page as arguments.
 */
export class ReceiverPage {
  private constructor(
    readonly page: Page,
    private readonly transport: types.WebRtcTransport,
    private readonly rtpCapabilities: types.RtpCapabilities,
  ) {}

  /** @param webRtcServer default: a port of its own */
  static async open(
    browser: Browser,
    router: types.Router,
    webRtcServer?: types.WebRtcServer,
  ): Promise<ReceiverPage> {
    const bundle = await build({ entryPoints: [script], bundle: true, write: false, format: 'iife' });
    const transport = await router.createWebRtcTransport(
      webRtcServer === undefined ? { listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }] } : { webRtcServer },
    );
    const page = await browser.newPage();
    // Answered here, not by any server; a secure origin, without which mediasoup-client does not know headless Chromium.
    await page.route('https://receiver.test/', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
    );
    await page.goto('https://receiver.test/');
    await page.exposeFunction('receiverConnect', (dtlsParameters: types.DtlsParameters) =>
      transport.connect({ dtlsParameters }),
    );
    await page.addScriptTag({ content: bundle.outputFiles[0].text });
    const rtpCapabilities = await page.evaluate(
      (capabilities) => window.receiverLoad(capabilities),
      router.rtpCapabilities as clientTypes.RtpCapabilities,
    );
    const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
    await page.evaluate((options) => window.receiverTransport(options), {
      id,
      iceParameters,
      iceCandidates,
      dtlsParameters,
    } as clientTypes.TransportOptions);
    return new ReceiverPage(page, transport, rtpCapabilities as types.RtpCapabilities);
  }

  /** What the browser counts of the video that it receives. */
  async received(): Promise<Received> {
    return this.page.evaluate(() => window.receiverStats());
  }

  /** Consumes a producer and shows it in the page's `video` element. */
  async show(producerId: string): Promise<types.Consumer> {
    const consumer = await this.transport.consume({
      producerId,
      rtpCapabilities: this.rtpCapabilities,
      paused: true,
    });
    const { id, kind, rtpParameters } = consumer;
    await this.page.evaluate((options) => window.receiverConsume(options), {
      id,
      producerId,
      kind,
      rtpParameters,
    } as clientTypes.ConsumerOptions);
    await consumer.resume();
    return consumer;
  }
}

/** Pages of encrypted rooms, the gateway between them, and what that gateway forwards. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import pino from 'pino';
import { createWorker, type types } from 'sluss';
import { createGateway, createWorkerPool, type Gateway } from 'sluss/gateway';
import type { Test } from 'tap';
import type { EncryptionState, FrameCounters } from '#src/client/e2ee/index.js';
import type { Driver } from './driver.js';
import { until } from './until.js';

export interface JoinOptions {
  name: string;
  encrypted: boolean;
  host?: boolean;
}

export interface Received {
  framesDecoded: number;
  frameWidth: number;
  audioEnergy: number;
  samples: number;
  concealed: number;
}

export interface PageState {
  state: EncryptionState | 'none';
  code: string;
  counters: FrameCounters | null;
  chat: string[];
  peers: string[];
  client: string;
  /** Opened so far. */
  sockets: number;
  /** Key id. */
  sendingKey: number | undefined;
  /** How often something was negotiated, and how many senders had a track and no transform then. */
  plain: { negotiations: number; senders: number };
}

export interface PublishSettings {
  codec?: string;
  width?: number;
  height?: number;
}

/** As it came, before it was opened. */
export interface SealedRecord {
  source: string;
  peerId: string;
  frame: number[];
}

/** What the script of the page offers. */
export interface E2eeWindow {
  e2eeJoin(options: JoinOptions): Promise<void>;
  e2eePublish(options: PublishSettings): Promise<void>;
  /** Without encryption, in two ways; answers with what became of each. */
  e2eePublishPlain(): Promise<string[]>;
  /** Of one peer, the newest. */
  e2eeSealed(name: string): SealedRecord[];
  /** How many open with any key that this page ever had. */
  e2eeTry(recorded: SealedRecord[]): Promise<{ microphone: number; camera: number }>;
  e2eeCut(): void;
  e2eeState(): PageState;
  e2eeChat(text: string): Promise<void>;
  e2eeReceived(name: string): Promise<Received>;
  e2eeEncoded(source: string): number[][];
  e2eePicture(id: string): number[];
  e2eeLeave(): Promise<void>;
}

const CSP = "default-src 'self'; worker-src 'self'; connect-src 'self' ws:";

/** A gateway with the pages of this test, whose producers can be looked at. */
export class E2eeServer {
  private constructor(
    readonly gateway: Gateway,
    private readonly producers: Map<string, { producer: types.Producer; router: types.Router }>,
  ) {}

  static async start(t: Test, port = 0): Promise<E2eeServer> {
    const [script, worker] = await Promise.all([bundle('e2ee-script.ts'), bundle('e2ee-worker-tap.ts')]);
    const files: Record<string, [type: string, body: string]> = {
      '/': ['text/html', '<!doctype html><body><script type="module" src="/page.js"></script>'],
      '/page.js': ['text/javascript', script],
      '/e2ee-worker.js': ['text/javascript', worker],
    };
    const producers = new Map<string, { producer: types.Producer; router: types.Router }>();
    const log = pino({ level: 'silent' });
    const pool = await createWorkerPool(
      { listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }] },
      log,
      async (settings) => {
        const media = await createWorker(settings);
        media.observer.on('newrouter', (router) => {
          router.observer.on('newtransport', (transport) => {
            transport.observer.on('newproducer', (producer) => {
              producers.set(producer.id, { producer, router });
            });
          });
        });
        return media;
      },
    );
    const gateway = await createGateway({
      listen: { ip: '127.0.0.1', port },
      mediaBackend: pool,
      logger: log,
      configureHttp(app) {
        for (const [path, [type, body]] of Object.entries(files)) {
          app.get(path, (response) => {
            response.writeHeader('Content-Type', type).writeHeader('Content-Security-Policy', CSP).end(body);
          });
        }
      },
    });
    t.teardown(() => gateway.close());
    return new E2eeServer(gateway, producers);
  }

  get url(): string {
    return `http://127.0.0.1:${this.gateway.port}/`;
  }

  has(kind: types.MediaKind): boolean {
    return [...this.producers.values()].some(({ producer }) => producer.kind === kind);
  }

  /** RTP payloads as the server forwards them to whoever asks; `count` of the newest producer of this kind. */
  async record(t: Test, kind: types.MediaKind, count: number): Promise<Uint8Array[]> {
    const { producer, router } = [...this.producers.values()]
      .filter((one) => one.producer.kind === kind)
      .at(-1)!;
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    t.teardown(() => socket.close());
    await once(socket, 'listening');
    const transport = await router.createPlainTransport({
      listenInfo: { protocol: 'udp', ip: '127.0.0.1' },
      rtcpMux: true,
    });
    await transport.connect({ ip: '127.0.0.1', port: socket.address().port });
    const payloads: Uint8Array[] = [];
    const done = new Promise<void>((resolve) => {
      socket.on('message', (packet) => {
        // RTCP comes on the same port.
        const isRtp = packet[1] < 192 || packet[1] > 223;
        if (isRtp && payloads.push(rtpPayload(packet)) >= count) resolve();
      });
    });
    const { rtpCapabilities } = router;
    const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities, paused: true });
    await consumer.resume();
    await done;
    transport.close();
    return payloads;
  }
}

/** Behind the fixed header, the CSRC list and the extensions (RFC 3550 5.1, 5.3.1), without padding. */
function rtpPayload(packet: Buffer): Uint8Array {
  let at = 12 + 4 * (packet[0] & 0x0f);
  if ((packet[0] & 0x10) !== 0) at += 4 + 4 * packet.readUInt16BE(at + 2);
  const padding = (packet[0] & 0x20) !== 0 ? packet[packet.length - 1] : 0;
  return Uint8Array.from(packet.subarray(at, packet.length - padding));
}

async function bundle(name: string): Promise<string> {
  const entry = fileURLToPath(new URL(name, import.meta.url));
  const { outputFiles } = await build({
    ...{ entryPoints: [entry], bundle: true, write: false, format: 'esm' },
    // The package says that its files have no side effects, so the imported worker would be left out.
    ignoreAnnotations: true,
  });
  return outputFiles[0].text;
}

/** A browser's page in an encrypted room, or as an onlooker without the keys. */
export class E2eePage {
  private constructor(
    readonly driver: Driver,
    readonly name: string,
  ) {}

  static async join(driver: Driver, server: E2eeServer, options: JoinOptions): Promise<E2eePage> {
    await driver.goto(server.url);
    await driver.waitFor('the script', () => 'e2eeLeave' in window, null);
    await driver.evaluate((given) => (window as unknown as E2eeWindow).e2eeJoin(given), options);
    return new E2eePage(driver, options.name);
  }

  publish(settings: PublishSettings = {}): Promise<void> {
    return this.driver.evaluate((given) => (window as unknown as E2eeWindow).e2eePublish(given), settings);
  }

  publishPlain(): Promise<string[]> {
    return this.driver.evaluate(() => (window as unknown as E2eeWindow).e2eePublishPlain(), null);
  }

  sealed(name: string): Promise<SealedRecord[]> {
    return this.driver.evaluate((given) => (window as unknown as E2eeWindow).e2eeSealed(given), name);
  }

  tryToOpen(recorded: SealedRecord[]): Promise<{ microphone: number; camera: number }> {
    return this.driver.evaluate((given) => (window as unknown as E2eeWindow).e2eeTry(given), recorded);
  }

  /** The signalling socket is lost, as the server sees it. */
  cut(): Promise<void> {
    return this.driver.evaluate(() => (window as unknown as E2eeWindow).e2eeCut(), null);
  }

  state(): Promise<PageState> {
    return this.driver.evaluate(() => (window as unknown as E2eeWindow).e2eeState(), null);
  }

  chat(text: string): Promise<void> {
    return this.driver.evaluate((given) => (window as unknown as E2eeWindow).e2eeChat(given), text);
  }

  received(name: string): Promise<Received> {
    return this.driver.evaluate((given) => (window as unknown as E2eeWindow).e2eeReceived(given), name);
  }

  encoded(source: string): Promise<number[][]> {
    return this.driver.evaluate((given) => (window as unknown as E2eeWindow).e2eeEncoded(given), source);
  }

  picture(id: string): Promise<number[]> {
    return this.driver.evaluate((given) => (window as unknown as E2eeWindow).e2eePicture(given), id);
  }

  leave(): Promise<void> {
    return this.driver.evaluate(() => (window as unknown as E2eeWindow).e2eeLeave(), null);
  }

  /** Until so many more pictures of somebody were decoded than now, and sound was heard. */
  async waitForMedia(name: string, frames: number): Promise<void> {
    const { framesDecoded } = await this.received(name);
    await until(`${frames} pictures and the sound of ${name} at ${this.name}`, async () => {
      const received = await this.received(name);
      return received.framesDecoded >= framesDecoded + frames && received.audioEnergy > 0;
    });
  }

  async waitForCode(other: string): Promise<string> {
    await this.driver.waitFor(
      'another code',
      (before) => {
        const { code } = (window as unknown as E2eeWindow).e2eeState();
        return code !== '' && code !== before;
      },
      other,
    );
    return (await this.state()).code;
  }
}

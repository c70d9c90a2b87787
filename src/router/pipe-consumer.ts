// Hot path: forward() runs once per packet. It allocates nothing.
import { type ConsumerLayers } from '../rtp/rtp-parameters.js';
import { type ReceiveStream } from '../stream/receive-stream.js';
import { type ConsumerTransport } from './consumer-ports.js';
import { dumpConsumer, outboundStats, type ReportedConsumer } from './consumer-stats.js';
import { mediaCodec } from './media-codec.js';
import { type CoreEnvironment } from './environment.js';
import { type ForwardedPacket } from './forwarded-packet.js';
import { PipeStream } from './pipe-stream.js';
import { type Producer, type ProducerReceiver } from './producer.js';
import { type ConsumerSettings } from './settings.js';

/** What mediasoup gives for pipes: how well they work shows in the score of the producer at the far end. */
const SCORE = { score: 10, producerScore: 10, producerScores: [] as number[] };

/**
 * Takes a producer to another router: all of its encodings as they are, for the consumers there to choose from. It chooses no
 * layers and estimates no bandwidth: a pipe leads from server to server.
 */
export class PipeConsumer implements ProducerReceiver {
  readonly id: string;
  /** By encoding. */
  readonly streams: readonly PipeStream[];
  paused: boolean;
  producerPaused: boolean;
  priority = 1;
  closed = false;
  readonly score = SCORE;
  readonly preferredLayers = undefined;

  /** @throws TypeError when the encodings are not those of the producer, each with an SSRC */
  constructor(
    readonly settings: ConsumerSettings,
    readonly producer: Producer,
    readonly transport: ConsumerTransport,
    private readonly environment: CoreEnvironment,
  ) {
    this.id = settings.id;
    this.paused = settings.paused;
    this.producerPaused = producer.paused;
    const { encodings = [] } = settings.rtpParameters;
    if (encodings.length !== producer.encodings.length) {
      const expected = producer.encodings.length;
      throw new TypeError(`a pipe takes all ${expected} encodings of a producer, got ${encodings.length}`);
    }
    this.streams = encodings.map(
      (encoding, index) => new PipeStream(settings, index, encoding, producer, transport, environment),
    );
    for (const stream of this.streams) stream.active = this.active;
  }

  get active(): boolean {
    return !this.paused && !this.producerPaused && !this.closed;
  }

  touch(): number {
    // There are few of them.
    return 0;
  }

  forward(now: number, packet: ForwardedPacket, stream: ReceiveStream): void {
    this.streams[packet.encodingIndex].forward(now, packet, stream);
  }

  skip(now: number, packet: ForwardedPacket): void {
    this.streams[packet.encodingIndex].skip(now, packet);
  }

  pause(now: number): void {
    this.paused = true;
    this.reflow(now);
  }

  resume(now: number): void {
    this.paused = false;
    this.reflow(now);
  }

  /** @param wanted by encoding: whether the far side can make use of it; those left out can be */
  setWantedEncodings(now: number, wanted: readonly boolean[]): void {
    for (const stream of this.streams) stream.wanted = wanted[stream.index] ?? true;
    this.reflow(now);
  }

  requestKeyFrame(now: number): void {
    for (const stream of this.streams) stream.requestKeyFrame(now);
  }

  /** As in mediasoup there is nothing to choose. */
  setPreferredLayers(_now: number, _layers: ConsumerLayers): undefined {
    return undefined;
  }

  /** Kept, and without effect: bandwidth is not shared out. */
  setPriority(_now: number, priority: number): void {
    this.priority = priority;
  }

  // ---- what the producer tells

  producerPausedChanged(now: number, paused: boolean): void {
    if (this.producerPaused === paused) return;
    this.producerPaused = paused;
    this.environment.notify(this.id, paused ? 'producerpause' : 'producerresume');
    this.reflow(now);
  }

  streamRestarted(encodingIndex: number): void {
    this.streams[encodingIndex].startOver();
  }

  wants(encodingIndex: number): boolean {
    return this.streams[encodingIndex]?.active ?? false;
  }

  /** Layers that come or go are the far side's to judge. */
  streamsChanged(_now: number): void {}

  // ----

  /** The transport can send now. */
  transportConnected(now: number): void {
    for (const stream of this.streams) stream.start(now);
  }

  enableTraceEvent(types: readonly string[]): void {
    for (const stream of this.streams) stream.trace.enable(types);
  }

  settle(): void {
    // Its counters are never behind.
  }

  close(): void {
    this.closed = true;
    for (const stream of this.streams) stream.close();
  }

  dump(): object {
    const rtpStreams = this.streams.map(({ send }) => ({
      ssrc: send.ssrc,
      rtxSsrc: send.rtxSsrc,
      score: send.score,
    }));
    const wantedEncodings = this.streams.map(({ wanted }) => wanted);
    const [first] = this.streams;
    const { payloadType } = mediaCodec(this.settings.rtpParameters.codecs);
    const dump = dumpConsumer(this.reported(first), [payloadType], first.trace.enabledTypes, -1);
    return { ...dump, rtpStreams, wantedEncodings };
  }

  /** One 'outbound-rtp' entry for each encoding. */
  getStats(now: number): object[] {
    const unixMs = this.environment.wallClockOffset + now;
    return this.streams.map((stream) => outboundStats(now, unixMs, this.reported(stream)));
  }

  private reflow(now: number): void {
    for (const stream of this.streams) stream.flow(now, this.active && stream.wanted);
  }

  private reported({ send }: PipeStream): ReportedConsumer {
    const { id, settings, producer, paused, producerPaused, priority } = this;
    return {
      id,
      settings,
      send,
      producer,
      paused,
      producerPaused,
      priority,
      preferredLayers: undefined,
      currentLayers: undefined,
    };
  }
}

/** Somebody in a meeting: signalling over a WebSocket, and real media over ICE, DTLS and SRTP. */
import type { Test } from 'tap';
import { DatagramKind } from '#src/rtp/demux.js';
import type { RtpCapabilities, RtpParameters } from '#src/rtp/rtp-parameters.js';
import { RtpPacket } from '#src/rtp/rtp-packet.js';
import type { ConsumerInfo, JoinResponse } from '#src/signalling/messages.js';
import { buildRtp, vp8Payload } from '../support/rtp-builder.js';
import { Browser } from '../transport/support.js';
import { until } from '../support/until.js';
import { TestClient, transportId } from './test-client.js';

const FRAME_MS = 40;
const AUDIO_LEVEL = { uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level' as const, id: 1 };
const AUDIO_SSRC = 1000;
/** The lowest layer first. */
const VIDEO_SSRCS = [2000, 3000];
/** Bytes of the payload in the lowest layer; one more in each of the others, which tells them apart. */
const VIDEO_SIZE = 100;
/** -dBov. */
const SILENCE = 100;
const VOICE = 20;

/** Without feedback on bandwidth: nothing here measures any. */
const rtpCapabilities: RtpCapabilities = {
  codecs: [
    { kind: 'audio', mimeType: 'audio/opus', clockRate: 48000, channels: 2, preferredPayloadType: 100 },
    { kind: 'video', mimeType: 'video/VP8', clockRate: 90000, preferredPayloadType: 101 },
  ],
  headerExtensions: [],
};

export const microphoneParameters: RtpParameters = {
  codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48000, channels: 2 }],
  headerExtensions: [AUDIO_LEVEL],
  encodings: [{ ssrc: AUDIO_SSRC }],
};

export class MediaPerson {
  /** Consumers by SSRC. */
  readonly consumers = new Map<number, ConsumerInfo>();
  /** Packets that came, authentic and of the right person, by producer. */
  readonly heard = new Map<string, number>();
  /** By the camera's id, the layer of the packet that came last. */
  readonly layersSeen = new Map<string, number>();
  camera = '';
  microphone = '';
  speaks = false;
  private readonly packet = new RtpPacket();
  private sequence = 0;
  private layers = 0;
  private left = false;

  private constructor(
    readonly client: TestClient,
    readonly joined: JoinResponse,
    private readonly outward: Browser,
    private readonly inward: Browser,
  ) {}

  /** In the meeting, with a camera of so many layers, a microphone, and both transports connected. */
  static async enter(t: Test, url: string, layers = 1): Promise<MediaPerson> {
    const { client, joined } = await TestClient.join(t, url, { rtpCapabilities });
    const [outward, inward] = await Promise.all([
      connect(t, client, joined, 'send'),
      connect(t, client, joined, 'recv'),
    ]);
    const person = new MediaPerson(client, joined, outward, inward);
    const timer = setInterval(() => person.turn(), FRAME_MS);
    t.teardown(() => clearInterval(timer));
    void person.receiveAll();
    await person.publish(layers);
    return person;
  }

  /** Where the worker listens that this person is on. */
  get port(): number {
    return this.joined.transports[0].iceCandidates[0].port;
  }

  /** Resolves when so many streams flow from now on. */
  async hears(producerIds: readonly string[]): Promise<void> {
    this.heard.clear();
    // The second packet shows that it goes on.
    await until(() => producerIds.every((id) => (this.heard.get(id) ?? 0) >= 2));
  }

  /** Of somebody else's camera. */
  async prefer(producerId: string, spatialLayer: number): Promise<void> {
    const consumer = [...this.consumers.values()].find((one) => one.producerId === producerId)!;
    await this.client.request('setPreferredLayers', { consumerId: consumer.consumerId, spatialLayer });
  }

  async leave(): Promise<void> {
    this.left = true;
    await this.client.request('leave', {});
  }

  private async publish(layers: number): Promise<void> {
    const { client, joined } = this;
    const common = { transportId: transportId(joined, 'send'), paused: false };
    const rtpParameters: RtpParameters = {
      codecs: [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90000 }],
      encodings: VIDEO_SSRCS.slice(0, layers).map((ssrc) => ({ ssrc })),
    };
    const [video, audio] = await Promise.all([
      client.request('produce', { ...common, kind: 'video', source: 'camera', rtpParameters }),
      client.request('produce', {
        ...common,
        kind: 'audio',
        source: 'microphone',
        rtpParameters: microphoneParameters,
      }),
    ]);
    this.camera = video.producerId;
    this.microphone = audio.producerId;
    this.layers = layers;
  }

  private turn(): void {
    this.take();
    if (this.left) return;
    const sequenceNumber = this.sequence++ & 0xffff;
    const level = this.speaks ? VOICE : SILENCE;
    if (this.microphone) {
      const extensions = [{ id: AUDIO_LEVEL.id, data: Uint8Array.of(level) }];
      const timestamp = sequenceNumber * FRAME_MS * 48;
      const payload = new Uint8Array(30);
      this.outward.sendRtp(
        buildRtp({ payloadType: 111, sequenceNumber, timestamp, ssrc: AUDIO_SSRC, extensions, payload }),
      );
    }
    for (let layer = 0; layer < this.layers; layer++) {
      const payload = vp8Payload({
        pictureId: sequenceNumber & 0x7fff,
        tl0PicIdx: sequenceNumber & 0xff,
        keyFrame: true,
        size: VIDEO_SIZE + layer,
      });
      const timestamp = sequenceNumber * FRAME_MS * 90;
      const ssrc = VIDEO_SSRCS[layer];
      this.outward.sendRtp(
        buildRtp({ payloadType: 96, sequenceNumber, timestamp, ssrc, marker: true, payload }),
      );
    }
  }

  /** Decrypts what has come. */
  private take(): void {
    for (const { kind, bytes } of this.inward.received.splice(0)) {
      if (kind !== DatagramKind.Rtp) continue;
      const consumer = this.consumers.get(bytes.readUInt32BE(8));
      const length = this.inward.srtp!.receiver.unprotectRtp(bytes, 0, bytes.length);
      if (!consumer || length <= 0) continue;
      const { producerId } = consumer;
      this.heard.set(producerId, (this.heard.get(producerId) ?? 0) + 1);
      this.packet.parse(bytes, 0, length);
      this.layersSeen.set(producerId, this.packet.payloadLength - VIDEO_SIZE);
    }
  }

  /** Sets up what the server offers, until the socket closes. */
  private async receiveAll(): Promise<void> {
    for (;;) {
      const told = await this.client.notification('newConsumers').catch(() => null);
      if (told === null) return;
      for (const consumer of told.consumers) {
        this.consumers.set(consumer.rtpParameters.encodings![0].ssrc!, consumer);
      }
      const consumerIds = told.consumers.map(({ consumerId }) => consumerId);
      await this.client.request('consumerReady', { consumerIds }).catch(() => {});
    }
  }
}

async function connect(t: Test, client: TestClient, joined: JoinResponse, direction: 'send' | 'recv') {
  const transport = joined.transports.find((one) => one.direction === direction)!;
  const browser = await Browser.open(t, transport.iceCandidates[0].port);
  await browser.check(transport.iceParameters);
  await client.request('connectTransport', {
    transportId: transport.transportId,
    dtlsParameters: { role: 'client', fingerprints: browser.fingerprints },
  });
  await browser.connect();
  return browser;
}

// @ts-check
/** People in one room of a server: those who send, those who watch, and the clockwork behind all of them. */
import { MediaSource } from './media-source.js';
import { PacedTimer } from './paced-timer.js';
import { senderReport } from './rtcp.js';
import { producerParameters } from './rtp-parameters.js';
import { WebRtcClient } from './webrtc/client.js';
import { makeCertificate } from './webrtc/certificate.js';

const TURN_MS = 10;
/** In turns: every client sends feedback ten times a second and reports once, spread evenly. */
const FEEDBACK_TURNS = 10;
const REPORT_TURNS = 100;
const JOIN_TIMEOUT_MS = 20_000;

/**
 * @typedef {object} Layer of video, or the one of audio
 * @property {number} frameRate
 * @property {number} packetsPerFrame
 * @property {number} size bytes
 * @property {boolean} [temporalLayers]
 */
/** @typedef {{ client: WebRtcClient, producerIds: Record<string, string>, sources: MediaSource[], paces: PacedTimer[] }} Publisher */
/** @typedef {{ total: number, connect: number }} JoinTimes ms: to the first authentic packet; to the end of DTLS */

export class LoadRoom {
  /**
   * @param {import('../targets/target.js').Target} target
   * @param {{ worker?: number }} [options]
   */
  static async open(target, options = {}) {
    return new LoadRoom(target, await target.call('createRoom', options), await makeCertificate());
  }

  /**
   * @param {import('../targets/target.js').Target} target
   * @param {number} room
   * @param {Awaited<ReturnType<typeof makeCertificate>>} certificate
   */
  constructor(target, room, certificate) {
    this.target = target;
    this.room = room;
    this.certificate = certificate;
    /** @type {Set<WebRtcClient>} */
    this.clients = new Set();
    /** @type {Map<WebRtcClient, string>} */
    this.transportIds = new Map();
    /** @type {Publisher[]} */
    this.publishers = [];
    this.nextSsrc = 100_000;
    this.turns = 0;
    this.clockwork = setInterval(() => this.#turn(), TURN_MS);
  }

  /**
   * Somebody who sends; media flows at once.
   * @param {{ audio?: Layer, video?: Layer[] }} media video: layers of simulcast, lowest first
   * @returns {Promise<Publisher>}
   */
  async addPublisher({ audio, video }) {
    const sends = this.#describe({ audio: audio && [audio], video });
    const { client, id } = await this.#connect({ sends });
    /** @type {Publisher} */
    const publisher = { client, producerIds: {}, sources: [], paces: [] };
    for (const { kind, layers, mid, ssrcs, rtpParameters } of sends) {
      publisher.producerIds[kind] = await this.target.call('produce', { id, kind, rtpParameters });
      layers.forEach((layer, n) =>
        publisher.sources.push(new MediaSource({ ...layer, kind, mid, ssrc: ssrcs[n] })),
      );
    }
    client.onKeyFrameRequest = (ssrc) =>
      publisher.sources.find(({ options }) => options.ssrc === ssrc)?.requestKeyFrame();
    for (const source of publisher.sources) {
      const send = () => client.sendRtp(source.next(performance.now()));
      publisher.paces.push(new PacedTimer(source.packetsPerSecond, send));
    }
    this.publishers.push(publisher);
    return publisher;
  }

  /** @param {{ audio?: Layer[], video?: Layer[] }} media */
  #describe(media) {
    const kinds = /** @type {const} */ (['audio', 'video']).filter((kind) => media[kind] !== undefined);
    return kinds.map((kind, n) => {
      const layers = /** @type {Layer[]} */ (media[kind]);
      const mid = String(n);
      const ssrcs = layers.map(() => (this.nextSsrc += 2));
      const rtpParameters = producerParameters(kind, { mid, ssrcs, simulcast: layers.length > 1 });
      return { kind, layers, mid, ssrcs, rtpParameters };
    });
  }

  /**
   * Somebody who watches. Resolves at the first authentic packet of media.
   * @param {string[]} producerIds
   * @param {{ sampled?: boolean, preferredSpatialLayer?: number }} [options]
   * @returns {Promise<JoinTimes & { client: WebRtcClient }>}
   */
  async addViewer(producerIds, { sampled = false, preferredSpatialLayer } = {}) {
    const start = performance.now();
    const { client, id } = await this.#connect({ sampled, producerIds, preferredSpatialLayer });
    const connect = performance.now() - start;
    if (client.seen.size === 0) {
      await withTimeout(
        new Promise((resolve) => {
          client.onFirstPacket = resolve;
        }),
        `transport ${id} got no media`,
      );
    }
    return { client, connect, total: performance.now() - start };
  }

  /**
   * Lets somebody who sends watch, too.
   * @param {Publisher} publisher
   * @param {string[]} producerIds
   */
  async watch(publisher, producerIds, preferredSpatialLayer = 0) {
    const id = this.transportIds.get(publisher.client);
    publisher.client.expect(
      await this.target.call('consume', { room: this.room, id, producerIds, preferredSpatialLayer }),
    );
  }

  /**
   * Somebody leaves.
   * @param {WebRtcClient} client
   */
  async remove(client) {
    const id = this.transportIds.get(client);
    this.transportIds.delete(client);
    this.clients.delete(client);
    client.close();
    await this.target.call('closeTransport', { id });
  }

  /** Begins a new measurement. */
  reset() {
    for (const client of this.clients) client.reset();
  }

  /** What all clients got since `reset()`. */
  reception() {
    let received = 0;
    let lost = 0;
    let notAuthentic = 0;
    /** @type {number[]} */
    const delays = [];
    for (const client of this.clients) {
      for (const stream of client.streams.values()) {
        received += stream.received;
        lost += stream.lost;
      }
      notAuthentic += client.notAuthentic;
      for (const delay of client.delays) delays.push(delay);
    }
    return { received, lost, notAuthentic, delays };
  }

  close() {
    clearInterval(this.clockwork);
    for (const { paces } of this.publishers) for (const pace of paces) pace.stop();
    for (const client of this.clients) client.close();
  }

  /**
   * Signalling, ICE and DTLS go on side by side, as in an application.
   * @param {{ sampled?: boolean, sends?: object[], producerIds?: string[], preferredSpatialLayer?: number }} options
   */
  async #connect({ sampled = false, sends, producerIds, preferredSpatialLayer }) {
    const { target, room, certificate } = this;
    const client = new WebRtcClient({ certificate, sampled });
    const { fingerprint } = certificate;
    const endpoint = { ufrag: client.ufrag, password: client.password, fingerprint };
    const remote = await target.call('webRtcTransport', { room, endpoint, sends, producerIds });
    this.clients.add(client);
    this.transportIds.set(client, remote.id);
    const fingerprints = [{ algorithm: 'sha-256', value: fingerprint }];
    const work = [
      target.call('connect', { id: remote.id, dtlsParameters: { role: 'client', fingerprints } }),
      client.connect(remote),
    ];
    if (producerIds) {
      const consuming = target.call('consume', { room, id: remote.id, producerIds, preferredSpatialLayer });
      work.push(consuming.then((consumers) => client.expect(consumers)));
    }
    await withTimeout(Promise.all(work), `transport ${remote.id} did not connect`);
    return { client, id: remote.id };
  }

  #turn() {
    const turn = this.turns++;
    let place = 0;
    for (const client of this.clients) {
      place++;
      if ((turn + place) % FEEDBACK_TURNS === 0) client.sendFeedback();
      if ((turn + place) % REPORT_TURNS === 0) client.sendReport();
    }
    if (turn % REPORT_TURNS !== 0) return;
    for (const { client, sources } of this.publishers) {
      for (const source of sources) if (source.packets > 0) client.sendRtcp(senderReport(source, Date.now()));
    }
  }
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {string} what
 * @returns {Promise<T>}
 */
function withTimeout(promise, what) {
  /** @type {NodeJS.Timeout} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what} within ${JOIN_TIMEOUT_MS / 1000} s`)),
      JOIN_TIMEOUT_MS,
    );
  });
  return /** @type {Promise<T>} */ (Promise.race([promise, late])).finally(() => clearTimeout(timer));
}

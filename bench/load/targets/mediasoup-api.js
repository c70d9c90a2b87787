// @ts-check
/** A server with mediasoup v3's API, which is sluss and mediasoup, as a target. Shapes: see target.js. */
import { MEDIA_CODECS } from '../traffic/rtp-parameters.js';

const SUITE = 'AES_CM_128_HMAC_SHA1_80';

/**
 * @typedef {object} Api
 * @property {(settings: object) => Promise<any>} createWorker
 * @property {string} version
 * @property {object} listen options that name the address of a new transport
 * @property {(workers: any[]) => number[]} pidsOf
 */

export class MediasoupApiTarget {
  /** @param {Api} api */
  constructor(api) {
    this.api = api;
    /** @type {any[]} */
    this.workers = [];
    /** @type {any[]} */
    this.rooms = [];
    this.transports = new Map();
    /** @type {Map<string, any>} */
    this.producers = new Map();
    /** @type {Set<any>} */
    this.consumers = new Set();
  }

  /** @param {{ workers?: number }} settings */
  async start({ workers = 1 } = {}) {
    for (let n = 0; n < workers; n++) {
      this.workers.push(
        await this.api.createWorker({ logLevel: 'error', rtcMinPort: 20_000, rtcMaxPort: 59_000 }),
      );
    }
    return { pids: this.api.pidsOf(this.workers), version: this.api.version };
  }

  /** @param {{ worker?: number }} options */
  async createRoom({ worker = 0 } = {}) {
    const router = await this.workers[worker].createRouter({ mediaCodecs: MEDIA_CODECS });
    this.rooms.push(router);
    return this.rooms.length - 1;
  }

  /** @param {{ room: number, kind: string, rtpParameters: object }} options */
  async plainProducer({ room, kind, rtpParameters }) {
    const transport = await this.rooms[room].createPlainTransport({
      ...this.api.listen,
      rtcpMux: true,
      comedia: true,
    });
    const producer = await transport.produce({ kind, rtpParameters });
    this.#keep(transport);
    this.producers.set(producer.id, producer);
    return { producerId: producer.id, port: transport.tuple.localPort };
  }

  /**
   * @param {{ room: number, producerId?: string, producerIds?: string[], receivers: { port: number, keyBase64: string }[] }} options
   */
  async plainReceivers({ room, producerId = '', producerIds = [producerId], receivers }) {
    const router = this.rooms[room];
    const rtpCapabilities = withoutBandwidthFeedback(router.rtpCapabilities);
    const keys = [];
    for (const { port, keyBase64 } of receivers) {
      const transport = await router.createPlainTransport({
        ...this.api.listen,
        rtcpMux: true,
        comedia: false,
        enableSrtp: true,
        srtpCryptoSuite: SUITE,
      });
      await transport.connect({ ip: '127.0.0.1', port, srtpParameters: { cryptoSuite: SUITE, keyBase64 } });
      this.#keep(transport);
      for (const id of producerIds) {
        this.#keepConsumer(await transport.consume({ producerId: id, rtpCapabilities }));
      }
      keys.push(transport.srtpParameters.keyBase64);
    }
    return { keys };
  }

  /** @param {{ from: number, to: number, producerId: string }} options makes a producer known in another room */
  async pipe({ from, to, producerId }) {
    await this.rooms[from].pipeToRouter({ producerId, router: this.rooms[to] });
  }

  /** @param {{ room: number, initialBitrate?: number }} options */
  async webRtcTransport({ room, initialBitrate = 10_000_000 }) {
    const { listen } = this.api;
    const transport = await this.rooms[room].createWebRtcTransport({
      ...('listenInfo' in listen ? { listenInfos: [listen.listenInfo] } : { listenIps: ['127.0.0.1'] }),
      enableUdp: true,
      enableTcp: false,
      initialAvailableOutgoingBitrate: initialBitrate,
    });
    this.#keep(transport);
    const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
    return { id, iceParameters, iceCandidates, dtlsParameters };
  }

  /** @param {{ id: string, dtlsParameters: object }} options */
  async connect({ id, dtlsParameters }) {
    await this.transports.get(id).connect({ dtlsParameters });
  }

  /** @param {{ id: string, kind: string, rtpParameters: object }} options */
  async produce({ id, kind, rtpParameters }) {
    const producer = await this.transports.get(id).produce({ kind, rtpParameters });
    this.producers.set(producer.id, producer);
    return producer.id;
  }

  /**
   * @param {{ room: number, id: string, producerIds: string[], preferredSpatialLayer?: number }} options
   * @returns {Promise<{ kind: string, ssrc: number, payloadType: number, headerExtensions: object[] }[]>}
   */
  async consume({ room, id, producerIds, preferredSpatialLayer }) {
    const transport = this.transports.get(id);
    const { rtpCapabilities } = this.rooms[room];
    return Promise.all(
      producerIds.map(async (producerId) => {
        const consumer = await transport.consume({ producerId, rtpCapabilities });
        this.#keepConsumer(consumer);
        if (preferredSpatialLayer !== undefined && consumer.type === 'simulcast') {
          await consumer.setPreferredLayers({ spatialLayer: preferredSpatialLayer });
        }
        const { kind, rtpParameters } = consumer;
        const { codecs, encodings, headerExtensions } = rtpParameters;
        return { kind, ssrc: encodings[0].ssrc, payloadType: codecs[0].payloadType, headerExtensions };
      }),
    );
  }

  /** @param {{ layers: Record<string, number> }} options spatial layer that all consumers of a producer prefer */
  async preferLayers({ layers }) {
    const changed = [...this.consumers].filter(
      ({ producerId, type }) => type === 'simulcast' && producerId in layers,
    );
    await Promise.all(
      changed.map((consumer) => consumer.setPreferredLayers({ spatialLayer: layers[consumer.producerId] })),
    );
  }

  /** @param {{ id: string }} options */
  closeTransport({ id }) {
    this.transports.get(id)?.close();
  }

  /**
   * What the server counted: packets of all consumers and when that was (the mean of all answers, ms), and what it
   * dropped, by reason.
   */
  async counters() {
    let packets = 0;
    let times = 0;
    for (const consumer of this.consumers) {
      for (const entry of await consumer.getStats()) {
        if (entry.type === 'outbound-rtp') packets += entry.packetCount;
      }
      times += performance.now();
    }
    /** @type {Record<string, number>} */
    const drops = {};
    for (const transport of this.transports.values()) collectDrops(await transport.dump(), drops);
    return { packets, at: times / this.consumers.size, drops };
  }

  close() {
    for (const worker of this.workers) worker.close();
  }

  /** @param {any} consumer */
  #keepConsumer(consumer) {
    this.consumers.add(consumer);
    consumer.observer.once('close', () => this.consumers.delete(consumer));
  }

  /** @param {any} transport */
  #keep(transport) {
    this.transports.set(transport.id, transport);
    transport.observer.once('close', () => this.transports.delete(transport.id));
  }
}

/**
 * Plain receivers never say what bandwidth they have: with congestion control negotiated, a server would hold back what
 * it may not be able to deliver. NACK, RTX and header extensions stay.
 * @param {any} capabilities
 */
function withoutBandwidthFeedback(capabilities) {
  const bandwidth = ['transport-cc', 'goog-remb'];
  return {
    ...capabilities,
    codecs: capabilities.codecs.map((/** @type {any} */ codec) => ({
      ...codec,
      rtcpFeedback: (codec.rtcpFeedback ?? []).filter(
        (/** @type {any} */ { type }) => !bandwidth.includes(type),
      ),
    })),
  };
}

/**
 * Sums every object under a key `drops` or `sendErrors`, wherever it stands.
 * @param {any} dump
 * @param {Record<string, number>} sums
 * @param {boolean} inside
 */
function collectDrops(dump, sums, inside = false) {
  if (dump === null || typeof dump !== 'object') return;
  for (const [key, value] of Object.entries(dump)) {
    if (inside && typeof value === 'number') {
      if (value > 0) sums[key] = (sums[key] ?? 0) + value;
    } else {
      collectDrops(value, sums, inside || key === 'drops' || key === 'sendErrors');
    }
  }
}

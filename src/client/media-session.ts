/**
 * The media of one joined session: a device and its two transports, wired to the signalling so that no round trip
 * is waited for that need not be.
 */
import type { types } from 'mediasoup-client';
import type { ConsumerInfo, DtlsParameters, TransportInfo, VideoLayer } from '../signalling/messages.js';
import type { RequestName, Requests } from '../signalling/messages.js';
import type { IceServers } from './ice-servers.js';
import type { ProducerSource, TransportDirection } from '../signalling/protocol.js';

export type SendRequest = <K extends RequestName>(
  request: K,
  data: Requests[K]['data'],
) => Promise<Requests[K]['response']>;

/** What the server is told of a new producer besides its RTP parameters. */
export interface ProduceDetails {
  source: ProducerSource;
  videoLayers: VideoLayer[] | undefined;
  /** Asked when the request is sent. */
  paused: () => boolean;
  /** Asked before the request is sent. Not null: it must not be sent, and the sender is taken back. */
  refusal: () => Error | null;
}

/** The ways that the browser may take to the server. */
export interface IceWays {
  servers: IceServers;
  policy: RTCIceTransportPolicy | undefined;
}

export interface MediaSessionEvents {
  /** The transports cannot work any more: only a fresh join helps. */
  onBroken(error: unknown): void;
}

/** A short interruption heals by itself; a longer one needs new candidates. */
const DISCONNECTED_PATIENCE_MS = 2_000;
const RESTART_INTERVAL_MS = 4_000;

interface Side {
  transport: types.Transport;
  /** What the server needs, once the browser has made it. */
  dtlsParameters: DtlsParameters | null;
  restartTimer: ReturnType<typeof setTimeout> | undefined;
  /** A restart of it waits for other ICE servers. */
  waits: boolean;
}

export class MediaSession {
  readonly #sides = new Map<string, Side>();
  #closed = false;
  #send: types.Transport | undefined;
  #receive: types.Transport | undefined;
  #renewal: Promise<void> | null = null;

  constructor(
    readonly device: types.Device,
    transports: TransportInfo[],
    private readonly ice: IceWays,
    private readonly sendRequest: SendRequest,
    private readonly events: MediaSessionEvents,
  ) {
    for (const info of transports) {
      if (info.direction === 'send') this.#send = this.#create(info);
      else this.#receive = this.#create(info);
    }
  }

  get transportIds(): string[] {
    return [...this.#sides.keys()];
  }

  produce(options: types.ProducerOptions, details: ProduceDetails): Promise<types.Producer> {
    return this.#send!.produce({ ...options, appData: { ...details } });
  }

  /** Undefined: there is no such transport. */
  transport(direction: TransportDirection): types.Transport | undefined {
    return direction === 'send' ? this.#send : this.#receive;
  }

  /** Calls in one tick share one SDP exchange. `onRtpReceiver`: before the browser answers, so before anything flows. */
  consume(info: ConsumerInfo, onRtpReceiver?: types.OnRtpReceiverCallback): Promise<types.Consumer> {
    return this.#receive!.consume({
      id: info.consumerId,
      producerId: info.producerId,
      kind: info.kind,
      rtpParameters: info.rtpParameters,
      // Streams of one name are kept in sync by the browser; a screen goes its own way.
      streamId: info.source === 'screen' ? `${info.peerId}-screen` : info.peerId,
      onRtpReceiver,
    });
  }

  /** After a resume: repeats what got lost with the old socket and restarts ICE where the path is gone. */
  recover(transports: TransportInfo[]): void {
    for (const { transportId, connected } of transports) {
      const side = this.#sides.get(transportId);
      if (!side) continue;
      if (!connected && side.dtlsParameters) this.#connect(transportId, side.dtlsParameters);
      const { connectionState } = side.transport;
      if (connectionState === 'disconnected' || connectionState === 'failed') this.#restartIce(side);
    }
  }

  close(): void {
    this.#closed = true;
    for (const side of this.#sides.values()) {
      clearTimeout(side.restartTimer);
      side.transport.close();
    }
  }

  #create(info: TransportInfo): types.Transport {
    const { transportId: id, iceParameters, iceCandidates, dtlsParameters } = info;
    const options = {
      ...{ id, iceParameters, iceCandidates, dtlsParameters },
      iceServers: [...this.ice.servers.servers],
      iceTransportPolicy: this.ice.policy,
    };
    const transport =
      info.direction === 'send'
        ? this.device.createSendTransport(options)
        : this.device.createRecvTransport(options);
    const side: Side = { transport, dtlsParameters: null, restartTimer: undefined, waits: false };
    this.#sides.set(id, side);

    transport.on('connect', ({ dtlsParameters: local }, done) => {
      side.dtlsParameters = local;
      this.#connect(id, local);
      // Not after the answer: ICE begins a round trip earlier, and the request arrives before the first packet.
      done();
    });
    transport.on('produce', ({ kind, rtpParameters, appData }, done, failed) => {
      const { source, videoLayers, paused, refusal } = appData as unknown as ProduceDetails;
      const refused = refusal();
      if (refused) return failed(refused);
      this.sendRequest('produce', {
        transportId: id,
        kind,
        rtpParameters: rtpParameters as Requests['produce']['data']['rtpParameters'],
        source,
        paused: paused(),
        videoLayers,
      }).then(({ producerId }) => done({ id: producerId }), failed);
    });
    transport.on('connectionstatechange', (state) => {
      clearTimeout(side.restartTimer);
      if (state === 'failed') this.#restartIce(side);
      if (state === 'disconnected') {
        side.restartTimer = setTimeout(() => this.#restartIce(side), DISCONNECTED_PATIENCE_MS);
      }
    });
    return transport;
  }

  #connect(transportId: string, dtlsParameters: DtlsParameters): void {
    this.sendRequest('connectTransport', { transportId, dtlsParameters }).catch((error: unknown) => {
      if (!this.#closed) this.events.onBroken(error);
    });
  }

  /** Again and again while the path is down; while the socket is down too, `recover` takes over. */
  #restartIce(side: Side): void {
    const { transport } = side;
    if (this.#closed || transport.closed) return;
    clearTimeout(side.restartTimer);
    side.restartTimer = setTimeout(() => {
      if (transport.connectionState === 'disconnected' || transport.connectionState === 'failed')
        this.#restartIce(side);
    }, RESTART_INTERVAL_MS);
    this.#restart(side).catch(() => {}); // the timer tries again
  }

  async #restart(side: Side): Promise<void> {
    const { transport } = side;
    // When the one before still waits for them, the old ones have to do.
    if (this.ice.servers.isStale && !side.waits) {
      side.waits = true;
      await this.#renewIceServers();
      side.waits = false;
    }
    const { iceParameters } = await this.sendRequest('restartIce', { transportId: transport.id });
    if (!transport.closed) await transport.restartIce({ iceParameters });
  }

  /** A relay lets nobody in with what has expired. Never rejects: without a relay the old ones do as well. */
  #renewIceServers(): Promise<void> {
    return (this.#renewal ??= this.#giveIceServers()
      .catch(() => {})
      .finally(() => (this.#renewal = null)));
  }

  async #giveIceServers(): Promise<void> {
    const iceServers = [...(await this.ice.servers.ask())];
    // Both: the other one's way may end later.
    const transports = [...this.#sides.values()].map(({ transport }) => transport);
    const open = transports.filter(({ closed }) => !closed);
    await Promise.all(open.map((transport) => transport.updateIceServers({ iceServers })));
  }
}

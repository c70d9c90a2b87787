/**
 * The control protocol between the API (application thread) and one worker thread: every request with its
 * answer, every one-way command, every notification. Types only; the values travel by structured clone.
 * Media packets never cross here.
 */
import type { ConsumerLayers, SrtpCryptoSuite, SrtpParameters } from '../rtp/rtp-parameters.js';
import type { ConsumerSettings, ProducerSettings } from '../router/settings.js';
import type {
  ConsumerScore,
  ConsumerState,
  DtlsParameters,
  DtlsRole,
  DtlsState,
  IceCandidate,
  IceParameters,
  IceState,
  ProducerScore,
  ProducerVideoOrientation,
  TraceEventData,
  TransportListenInfo,
  TransportTraceEventData,
  TransportTuple,
  WorkerLogLevel,
  WorkerLogTag,
  WorkerResourceUsage,
} from './entity-types.js';

/** Whom a request is for. Producers and consumers live in a transport, so that transport is named too. */
export interface Target {
  /** Entity id; empty for the worker itself. */
  id: string;
  transportId?: string;
}

/** What the thread starts with (`workerData`). */
export interface ThreadSettings {
  logLevel: WorkerLogLevel;
  logTags: WorkerLogTag[];
  /** Ports for listen infos that name neither `port` nor `portRange`. */
  rtcMinPort: number;
  rtcMaxPort: number;
  /** Both or none; PEM. Without them a certificate is made at start. */
  dtlsCertificatePem?: string;
  dtlsPrivateKeyPem?: string;
}

/** What `WebRtcTransport` shows before any packet came. */
export interface WebRtcTransportState {
  iceRole: 'controlled';
  iceParameters: IceParameters;
  iceCandidates: IceCandidate[];
  iceState: IceState;
  iceSelectedTuple?: TransportTuple;
  dtlsParameters: DtlsParameters;
  dtlsState: DtlsState;
}

export interface PlainTransportState {
  tuple: TransportTuple;
  rtcpTuple?: TransportTuple;
  srtpParameters?: SrtpParameters;
}

export interface CreateWebRtcTransport {
  transportId: string;
  /** One of the two. */
  webRtcServerId?: string;
  listenInfos?: TransportListenInfo[];
  /** Seconds; 0 = never expire. */
  iceConsentTimeout: number;
  /** bps. */
  initialAvailableOutgoingBitrate: number;
}

export interface CreatePlainTransport {
  transportId: string;
  listenInfo: TransportListenInfo;
  rtcpListenInfo?: TransportListenInfo;
  rtcpMux: boolean;
  comedia: boolean;
  enableSrtp: boolean;
  srtpCryptoSuite: SrtpCryptoSuite;
}

export interface ConnectPlainTransport {
  ip?: string;
  port?: number;
  rtcpPort?: number;
  srtpParameters?: SrtpParameters;
}

export interface CreatePipeTransport {
  transportId: string;
  listenInfo: TransportListenInfo;
  enableRtx: boolean;
  enableSrtp: boolean;
}

export interface ConnectPipeTransport {
  ip: string;
  port: number;
  srtpParameters?: SrtpParameters;
}

export interface PipeTransportState {
  tuple: TransportTuple;
  srtpParameters?: SrtpParameters;
}

export interface CreateAudioLevelObserver {
  rtpObserverId: string;
  maxEntries: number;
  /** dBov, -127 to 0. */
  threshold: number;
  /** Milliseconds. */
  interval: number;
}

export interface CreateActiveSpeakerObserver {
  rtpObserverId: string;
  /** Milliseconds. */
  interval: number;
}

export interface WorkerThreadDump {
  webRtcServerIds: string[];
  routerIds: string[];
}

interface Call<Data, Response> {
  data: Data;
  response: Response;
}

/** Requests: each is answered once, in any order. */
export interface RequestMap {
  'worker.dump': Call<undefined, WorkerThreadDump>;
  'worker.getResourceUsage': Call<undefined, WorkerResourceUsage>;
  'worker.updateSettings': Call<{ logLevel?: WorkerLogLevel; logTags?: WorkerLogTag[] }, undefined>;
  'worker.createWebRtcServer': Call<
    { webRtcServerId: string; listenInfos: TransportListenInfo[] },
    undefined
  >;
  'worker.createRouter': Call<{ routerId: string }, undefined>;
  'webRtcServer.dump': Call<undefined, object>;
  'router.dump': Call<undefined, object>;
  'router.createWebRtcTransport': Call<CreateWebRtcTransport, WebRtcTransportState>;
  'router.createPlainTransport': Call<CreatePlainTransport, PlainTransportState>;
  'router.createPipeTransport': Call<CreatePipeTransport, PipeTransportState>;
  'router.createAudioLevelObserver': Call<CreateAudioLevelObserver, undefined>;
  'router.createActiveSpeakerObserver': Call<CreateActiveSpeakerObserver, undefined>;
  'rtpObserver.pause': Call<undefined, undefined>;
  'rtpObserver.resume': Call<undefined, undefined>;
  'rtpObserver.addProducer': Call<{ producerId: string }, undefined>;
  'rtpObserver.removeProducer': Call<{ producerId: string }, undefined>;
  'transport.dump': Call<undefined, object>;
  'transport.getStats': Call<undefined, object[]>;
  'transport.connectWebRtc': Call<{ dtlsParameters: DtlsParameters }, { dtlsLocalRole: DtlsRole }>;
  'transport.restartIce': Call<undefined, IceParameters>;
  'transport.connectPlain': Call<ConnectPlainTransport, PlainTransportState>;
  'transport.connectPipe': Call<ConnectPipeTransport, PipeTransportState>;
  'transport.setMaxIncomingBitrate': Call<{ bitrate: number }, undefined>;
  'transport.setMaxOutgoingBitrate': Call<{ bitrate: number }, undefined>;
  'transport.setMinOutgoingBitrate': Call<{ bitrate: number }, undefined>;
  'transport.enableTraceEvent': Call<{ types: string[] }, undefined>;
  'transport.produce': Call<ProducerSettings, undefined>;
  'transport.consume': Call<ConsumerSettings, ConsumerState>;
  'producer.dump': Call<undefined, object>;
  'producer.getStats': Call<undefined, object[]>;
  'producer.pause': Call<undefined, undefined>;
  'producer.resume': Call<undefined, undefined>;
  'producer.enableTraceEvent': Call<{ types: string[] }, undefined>;
  'consumer.dump': Call<undefined, object>;
  'consumer.getStats': Call<undefined, object[]>;
  'consumer.pause': Call<undefined, undefined>;
  'consumer.resume': Call<undefined, undefined>;
  'consumer.setPreferredLayers': Call<ConsumerLayers, ConsumerLayers | undefined>;
  /** Pipes only; one entry for each encoding. */
  'consumer.setWantedEncodings': Call<{ wanted: boolean[] }, undefined>;
  'consumer.setPriority': Call<{ priority: number }, undefined>;
  'consumer.requestKeyFrame': Call<undefined, undefined>;
  'consumer.enableTraceEvent': Call<{ types: string[] }, undefined>;
}

export type RequestMethod = keyof RequestMap;

/** Commands: one-way, never answered; an unknown target is no fault (it was closed from the other side). */
export type CommandName =
  | 'worker.close'
  | 'webRtcServer.close'
  | 'router.close'
  | 'rtpObserver.close'
  | 'transport.close'
  | 'producer.close'
  | 'consumer.close';

/** Notifications by entity: event name -> data. */
export interface ProducerNotifications {
  score: ProducerScore[];
  videoorientationchange: ProducerVideoOrientation;
  /** One entry for each encoding. */
  wantedencodingschange: boolean[];
  trace: TraceEventData;
}

export interface ConsumerNotifications {
  producerpause: undefined;
  producerresume: undefined;
  producerclose: undefined;
  score: ConsumerScore;
  layerschange: ConsumerLayers | undefined;
  trace: TraceEventData;
}

export interface WebRtcTransportNotifications {
  icestatechange: { iceState: IceState };
  iceselectedtuplechange: { iceSelectedTuple: TransportTuple };
  dtlsstatechange: { dtlsState: DtlsState; dtlsRemoteCert?: string };
  trace: TransportTraceEventData;
}

export interface PlainTransportNotifications {
  tuple: { tuple: TransportTuple };
  rtcptuple: { rtcpTuple: TransportTuple };
  trace: TransportTraceEventData;
}

export interface AudioLevelObserverNotifications {
  /** The loudest first; `volume` in dBov, -127 to 0. */
  volumes: { producerId: string; volume: number }[];
  silence: undefined;
}

export interface ActiveSpeakerObserverNotifications {
  dominantspeaker: { producerId: string };
}

/** An error as it travels: structured clone keeps the class only of the built-in ones. */
export interface WireError {
  name: string;
  message: string;
  stack?: string;
}

export interface RequestMessage<Method extends RequestMethod = RequestMethod> {
  kind: 'request';
  id: number;
  method: Method;
  target: Target;
  data: RequestMap[Method]['data'];
}

export interface CommandMessage {
  kind: 'command';
  command: CommandName;
  target: Target;
}

/** API -> thread. */
export type MessageToThread = RequestMessage | CommandMessage;

/** Thread -> API. */
export type MessageFromThread =
  | { kind: 'ready' }
  | { kind: 'failed'; error: WireError }
  | { kind: 'response'; id: number; data?: unknown; error?: WireError }
  | { kind: 'notification'; targetId: string; event: string; data?: unknown }
  | { kind: 'log'; level: 'debug' | 'warn' | 'error'; tag: WorkerLogTag; text: string };

/**
 * Every message of the protocol as a type. Three forms travel:
 *   request       { id, request, data }              client to server
 *   response      { id, ok: true, data } or { id, ok: false, error }
 *   notification  { notification, data }             server to client
 */
import type {
  ConsumerLayers,
  ConsumerType,
  MediaKind,
  RtpCapabilities,
  RtpParameters,
} from '../rtp/rtp-parameters.js';
import type {
  ClosingReason,
  ErrorCode,
  LeaveReason,
  ProducerClosedReason,
  ProducerSource,
  TransportDirection,
} from './protocol.js';

// ---- shared pieces ------------------------------------------------------------------------------------------

export interface IceParameters {
  usernameFragment: string;
  password: string;
  iceLite?: boolean;
}

export interface IceCandidate {
  foundation: string;
  priority: number;
  /** IP address or host name. */
  address: string;
  /** The same as `address`; older mediasoup-client reads this one. */
  ip: string;
  protocol: 'udp' | 'tcp';
  port: number;
  type: 'host' | 'srflx' | 'prflx' | 'relay';
  tcpType?: 'active' | 'passive' | 'so';
}

export type DtlsRole = 'auto' | 'client' | 'server';
export type FingerprintAlgorithm = 'sha-1' | 'sha-224' | 'sha-256' | 'sha-384' | 'sha-512';

export interface DtlsParameters {
  role?: DtlsRole;
  fingerprints: { algorithm: FingerprintAlgorithm; value: string }[];
}

/** What a client needs to build its side of a transport. */
export interface TransportInfo {
  transportId: string;
  direction: TransportDirection;
  iceParameters: IceParameters;
  iceCandidates: IceCandidate[];
  dtlsParameters: DtlsParameters;
  /** The server has the client's DTLS parameters. */
  connected: boolean;
}

export interface PeerInfo {
  peerId: string;
  displayName: string;
  /** What it publishes, whether this client receives it or not. Absent: nothing. */
  sources?: PublishedSource[];
  /** Who it is to the server's `authorize` hook: the same after a rejoin. */
  participantId?: string;
  /** What the server vouches for, such as a role; words of the service. */
  info?: ParticipantInfo;
  /** It raised a hand: smaller numbers (milliseconds since 1970, all different in a room) came first. */
  handRaisedAt?: number;
}

export type ParticipantInfo = Record<string, string | number | boolean>;

export interface PublishedSource {
  source: ProducerSource;
  paused: boolean;
}

/** The picture of one spatial layer, pixels. */
export interface VideoLayer {
  width: number;
  height: number;
}

/** A stream of another peer that the server is ready to send. It flows after `consumerReady`. */
export interface ConsumerInfo {
  consumerId: string;
  producerId: string;
  /** Who sends it. */
  peerId: string;
  source: ProducerSource;
  kind: MediaKind;
  type: ConsumerType;
  rtpParameters: RtpParameters;
  /** Paused by its sender. */
  producerPaused: boolean;
  /** `consumerReady` was received for it. */
  ready: boolean;
  /** As its sender gave them in `produce`, or later in `setVideoLayers`. */
  videoLayers?: VideoLayer[];
  /** As last told in `layersChanged`. Absent: not told yet. */
  layers?: ConsumerLayers | null;
  /** As last told in `consumerScore`. Absent: not told yet. */
  producerScore?: number;
}

export interface OwnProducerInfo {
  producerId: string;
  source: ProducerSource;
  paused: boolean;
  /** As in `producerEncodings`. Absent: all are wanted. */
  encodings?: boolean[];
}

/** Loudness of one person's voice now. */
export interface AudioLevel {
  peerId: string;
  /** dBov, -127 (silent) to 0. */
  volume: number;
}

// ---- requests -----------------------------------------------------------------------------------------------

export interface JoinRequest {
  /** 1-128 characters, no control characters. */
  room: string;
  /** 1-64 characters, no control characters. */
  displayName: string;
  /** What the client can receive. Without it nothing is consumed until `setConsumerCapabilities`. */
  rtpCapabilities?: RtpCapabilities;
  /** Transports to create in the same round trip. */
  transports?: TransportDirection[];
  /** From an earlier join: continue that session if the server still holds it. */
  resumeToken?: string;
  /** Handed to the `authorize` hook as it is. */
  ticket?: string;
}

export interface JoinResponse {
  peerId: string;
  /** Secret; valid while the peer is connected and `graceTimeMs` after its socket is lost. */
  resumeToken: string;
  graceTimeMs: number;
  /** True: the session of `resumeToken` goes on, and everything below is its present state. */
  resumed: boolean;
  /** The others in the room. */
  peers: PeerInfo[];
  transports: TransportInfo[];
  /** Empty in a fresh join: they follow in `newConsumers`. */
  consumers: ConsumerInfo[];
  producers: OwnProducerInfo[];
  /** As in `activeSpeaker`. */
  activeSpeakerId?: string;
  /** Of this peer itself, as in `PeerInfo`. */
  handRaisedAt?: number;
  /** Producers that the server ended in this session, as in `producerClosed`. Absent: none. */
  closedProducers?: { producerId: string; reason: ProducerClosedReason }[];
}

/** Opaque to the server, which passes it on to others in the room. */
export interface RelayRequest {
  /** 1-32 characters; a word of the application. */
  topic: string;
  /** 1 byte to 48 KiB of UTF-8. */
  payload: string;
  /** Left out: everybody else. Who is not in the room, or not any more, is passed over. */
  to?: string[];
}

export interface ProduceRequest {
  transportId: string;
  kind: MediaKind;
  rtpParameters: RtpParameters;
  source: ProducerSource;
  paused: boolean;
  /** Picture sizes by spatial layer, lowest first, so that viewers can ask for the layer that fits their tile. */
  videoLayers?: VideoLayer[];
}

/** Request name -> its data and the data of its response. */
export interface Requests {
  join: { data: JoinRequest; response: JoinResponse };
  leave: { data: object; response: object };
  ping: { data: object; response: object };
  createTransport: { data: { direction: TransportDirection }; response: TransportInfo };
  connectTransport: { data: { transportId: string; dtlsParameters: DtlsParameters }; response: object };
  restartIce: { data: { transportId: string }; response: { iceParameters: IceParameters } };
  setConsumerCapabilities: { data: { rtpCapabilities: RtpCapabilities }; response: object };
  produce: { data: ProduceRequest; response: { producerId: string } };
  pauseProducer: { data: { producerId: string }; response: object };
  resumeProducer: { data: { producerId: string }; response: object };
  closeProducer: { data: { producerId: string }; response: object };
  /** The pictures have other sizes now, as after another camera was taken. */
  setVideoLayers: { data: { producerId: string; videoLayers: VideoLayer[] }; response: object };
  /** The client has set up its side: let the media flow, unless paused. Unknown ids (closed meanwhile) are ignored. */
  consumerReady: { data: { consumerIds: string[] }; response: object };
  /** Nothing flows until `resumeConsumer`, also after `consumerReady`. */
  pauseConsumer: { data: { consumerId: string }; response: object };
  resumeConsumer: { data: { consumerId: string }; response: object };
  setPreferredLayers: { data: { consumerId: string } & ConsumerLayers; response: object };
  /** Peers whose streams this one always receives, whoever speaks; replaces the list before. Unknown ids do nothing. */
  pin: { data: { peerIds: string[] }; response: object };
  requestKeyFrame: { data: { consumerId: string }; response: object };
  /** `recipients`: to how many it went. */
  message: { data: RelayRequest; response: { recipients: number } };
  /** Up again while it is up changes nothing. `at` as in `handRaised`. */
  raiseHand: { data: { raised: boolean }; response: { at: number | null } };
  /** The server's statistics of one own transport, producer or consumer. */
  getStats: { data: { id: string }; response: { stats: unknown[] } };
}

export type RequestName = keyof Requests;

export type RequestMessage = {
  [K in RequestName]: { id: number; request: K; data: Requests[K]['data'] };
}[RequestName];

// ---- responses ----------------------------------------------------------------------------------------------

export interface ErrorInfo {
  code: ErrorCode;
  message: string;
  /** Path of the offending field, such as `data.rtpParameters.codecs[0].mimeType`. */
  field?: string;
}

/** `id` is null when the request was too broken to have one. */
export type ResponseMessage =
  { id: number; ok: true; data: object } | { id: number | null; ok: false; error: ErrorInfo };

// ---- notifications ------------------------------------------------------------------------------------------

export interface Notifications {
  /** First message on every socket: lets the client load its codecs before it joins. */
  welcome: { routerRtpCapabilities: RtpCapabilities };
  peerJoined: PeerInfo;
  peerLeft: { peerId: string; reason: LeaveReason };
  /** What these peers publish now. Changes of a short time are told together. */
  peersUpdated: { peers: { peerId: string; sources: PublishedSource[] }[] };
  newConsumers: { consumers: ConsumerInfo[] };
  consumerClosed: { consumerId: string };
  /** The sender paused or resumed. */
  consumerPaused: { consumerId: string };
  consumerResumed: { consumerId: string };
  /** Null: nothing is being forwarded. */
  layersChanged: { consumerId: string; layers: ConsumerLayers | null };
  /** The sender's pictures have other sizes now. */
  videoLayersChanged: { consumerId: string; videoLayers: VideoLayer[] };
  /** 0-10 each. */
  consumerScore: { consumerId: string; score: number; producerScore: number };
  /** One entry per encoding, 0-10. */
  producerScore: { producerId: string; scores: number[] };
  /** Which encodings of an own simulcast producer somebody wants; the others need not be sent. By encoding. */
  producerEncodings: { producerId: string; encodings: boolean[] };
  /** The server ended a stream of this client; publishing it again is allowed. */
  producerClosed: { producerId: string; reason: ProducerClosedReason };
  /** From another peer in the room. */
  message: { from: string; topic: string; payload: string };
  /** `at` as in `PeerInfo.handRaisedAt`; null: taken down. */
  handRaised: { peerId: string; at: number | null };
  /** Who leads the conversation. Null: that peer left or stopped sending. */
  activeSpeaker: { peerId: string | null };
  /** The loudest voices, loudest first. Empty once when all are silent. */
  audioLevels: { levels: AudioLevel[] };
  /** DTLS failed: only a fresh join helps. */
  transportFailed: { transportId: string };
  /** The room or the server goes away; the socket is closed after `deadlineMs` at the latest. */
  closing: { reason: ClosingReason; deadlineMs: number };
}

export type NotificationName = keyof Notifications;

export type NotificationMessage = {
  [K in NotificationName]: { notification: K; data: Notifications[K] };
}[NotificationName];

export type ServerMessage = ResponseMessage | NotificationMessage;

/**
 * The public vocabulary that crosses the thread: tuples, ICE and DTLS parameters, scores, statistics.
 * Types only. Field names and shapes are mediasoup v3's; the API classes re-export them.
 */
import type { BandwidthTraceInfo, ProbationTraceInfo } from '../router/congestion-host.js';
import type { ConsumerLayers, MediaKind } from '../rtp/rtp-parameters.js';
import type { DtlsFingerprint } from '../transport/dtls/dtls-certificate.js';
import type { TransportProtocol } from '../transport/listen-info.js';

export type { DtlsFingerprint, DtlsFingerprintAlgorithm } from '../transport/dtls/dtls-certificate.js';
export type {
  IceCandidate,
  TransportListenInfo,
  TransportPortRange,
  TransportProtocol,
  TransportSocketFlags,
} from '../transport/listen-info.js';

export interface TransportTuple {
  /** Older name of `localAddress`. */
  localIp: string;
  localAddress: string;
  localPort: number;
  remoteIp?: string;
  remotePort?: number;
  protocol: TransportProtocol;
}

export type IceRole = 'controlled' | 'controlling';
export type IceState = 'new' | 'connected' | 'completed' | 'disconnected' | 'closed';

export interface IceParameters {
  usernameFragment: string;
  password: string;
  iceLite?: boolean;
}

export type DtlsRole = 'auto' | 'client' | 'server';
export type DtlsState = 'new' | 'connecting' | 'connected' | 'failed' | 'closed';
export interface DtlsParameters {
  /** Default 'auto'. */
  role?: DtlsRole;
  fingerprints: DtlsFingerprint[];
}

/** How well one stream of a producer arrives, 0 (nothing) to 10 (no loss). */
export interface ProducerScore {
  /** Index in `rtpParameters.encodings`. */
  encodingIdx: number;
  ssrc: number;
  rid?: string;
  score: number;
}

export interface ConsumerScore {
  /** 0-10, of the stream sent to the remote. */
  score: number;
  /** 0-10, of the producer stream that is being forwarded. */
  producerScore: number;
  /** 0-10 each, of all producer streams in the order of its encodings. */
  producerScores: number[];
}

export interface ProducerVideoOrientation {
  /** The source is a camera. */
  camera: boolean;
  flip: boolean;
  /** 0, 90, 180 or 270 degrees. */
  rotation: number;
}

/** A 'trace' event's data. */
export interface TraceEventData<Type extends string = string, Info = Record<string, unknown>> {
  type: Type;
  /** Milliseconds since the Unix epoch. */
  timestamp: number;
  direction: 'in' | 'out';
  info: Info;
}

/** `info` of a transport's 'bwe' trace: the estimate and what is wanted of it. */
export type BweTraceInfo = BandwidthTraceInfo;
export type { ProbationTraceInfo } from '../router/congestion-host.js';

/** Of a transport: the estimate changed, or a padding packet was sent to try out a bitrate. */
export type TransportTraceEventData =
  TraceEventData<'probation', ProbationTraceInfo> | TraceEventData<'bwe', BweTraceInfo>;

export interface BaseRtpStreamStats {
  /** Milliseconds since the Unix epoch. */
  timestamp: number;
  ssrc: number;
  rtxSsrc?: number;
  rid?: string;
  kind: MediaKind;
  mimeType: string;
  packetsLost: number;
  /** 0-255 (RFC 3550 6.4.1). */
  fractionLost: number;
  jitter: number;
  packetsDiscarded: number;
  packetsRetransmitted: number;
  packetsRepaired: number;
  nackCount: number;
  nackPacketCount: number;
  pliCount: number;
  firCount: number;
  /** Milliseconds. */
  roundTripTime?: number;
  rtxPacketsDiscarded?: number;
  score: number;
}

export interface RtpStreamRecvStats extends BaseRtpStreamStats {
  type: string;
  packetCount: number;
  byteCount: number;
  /** bps. */
  bitrate: number;
  /** bps by `<spatial>.<temporal>`: what it takes to forward everything up to that layer. */
  bitrateByLayer: Record<string, number>;
  /** Video only, as are those below. */
  framesReceived?: number;
  framesPerSecond?: number;
  keyFramesReceived?: number;
  /** Gaps that were not repaired in time: each took a key frame to get over. */
  repairsGivenUp?: number;
}

export interface RtpStreamSendStats extends BaseRtpStreamStats {
  type: string;
  packetCount: number;
  byteCount: number;
  /** bps. */
  bitrate: number;
}

/** Bitrates are in bps. */
export interface BaseTransportStats {
  type: string;
  transportId: string;
  /** Milliseconds since the Unix epoch. */
  timestamp: number;
  bytesReceived: number;
  recvBitrate: number;
  bytesSent: number;
  sendBitrate: number;
  rtpBytesReceived: number;
  rtpRecvBitrate: number;
  rtpBytesSent: number;
  rtpSendBitrate: number;
  rtxBytesReceived: number;
  rtxRecvBitrate: number;
  rtxBytesSent: number;
  rtxSendBitrate: number;
  probationBytesSent: number;
  probationSendBitrate: number;
  /** The estimate of what the endpoint can receive; absent on a transport that has none. */
  availableOutgoingBitrate?: number;
  availableIncomingBitrate?: number;
  maxIncomingBitrate?: number;
  maxOutgoingBitrate?: number;
  minOutgoingBitrate?: number;
  /** 0 to 1, by the endpoint's sequence numbers. */
  rtpPacketLossReceived?: number;
  /** 0 to 1, by the endpoint's transport-wide feedback. */
  rtpPacketLossSent?: number;
  /** Given to the consumers, out of `availableOutgoingBitrate`. */
  allocatedOutgoingBitrate?: number;
  /** What the consumers would take at their best. */
  wantedOutgoingBitrate?: number;
  /** Milliseconds to the endpoint and back. */
  roundTripTime?: number;
  /** Milliseconds that a packet of video waits before it is sent, so that it goes out evenly. */
  pacerQueueDelay?: number;
  /** Packets that waited too long for it. */
  pacerPacketsDiscarded?: number;
}

/** `uv_rusage_t`: times in milliseconds, `ru_maxrss` in kilobytes, the rest are counts. */
export interface WorkerResourceUsage {
  ru_utime: number;
  ru_stime: number;
  ru_maxrss: number;
  ru_ixrss: number;
  ru_idrss: number;
  ru_isrss: number;
  ru_minflt: number;
  ru_majflt: number;
  ru_nswap: number;
  ru_inblock: number;
  ru_oublock: number;
  ru_msgsnd: number;
  ru_msgrcv: number;
  ru_nsignals: number;
  ru_nvcsw: number;
  ru_nivcsw: number;
}

export type WorkerLogLevel = 'debug' | 'warn' | 'error' | 'none';
export type WorkerLogTag =
  | 'info'
  | 'ice'
  | 'dtls'
  | 'rtp'
  | 'srtp'
  | 'rtcp'
  | 'rtx'
  | 'bwe'
  | 'score'
  | 'simulcast'
  | 'svc'
  | 'sctp'
  | 'message';

/** What a consumer looks like right after it was made. */
export interface ConsumerState {
  paused: boolean;
  producerPaused: boolean;
  score: ConsumerScore;
  preferredLayers?: ConsumerLayers;
}

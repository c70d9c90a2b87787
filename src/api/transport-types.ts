/** What an application sees of a transport of any kind, besides its methods. */
import type { TransportTraceEventData } from '../worker/entity-types.js';
import type { Consumer } from './consumer.js';
import type { EnhancedEventEmitter } from './enhanced-event-emitter.js';
import type { Producer } from './producer.js';

export type {
  BaseTransportStats,
  BweTraceInfo,
  ProbationTraceInfo,
  TransportListenInfo,
  TransportPortRange,
  TransportProtocol,
  TransportSocketFlags,
  TransportTraceEventData,
  TransportTuple,
} from '../worker/entity-types.js';
export type { TransportListenIp } from './listen-options.js';

export type TransportType = 'webrtc' | 'plain' | 'pipe' | 'direct';
export type TransportTraceEventType = 'probation' | 'bwe';

export interface BaseTransportDump {
  id: string;
  producerIds: string[];
  consumerIds: string[];
  [detail: string]: unknown;
}

export type TransportEvents = {
  /** The router closed, and with it this transport. */
  routerclose: [];
  /** The WebRtcServer closed, and with it this transport. */
  listenserverclose: [];
  trace: [TransportTraceEventData];
};

export type TransportObserverEvents = {
  close: [];
  newproducer: [Producer];
  newconsumer: [Consumer];
  trace: [TransportTraceEventData];
};

export type TransportObserver = EnhancedEventEmitter<TransportObserverEvents>;

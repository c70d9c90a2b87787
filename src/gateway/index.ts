/** `sluss/gateway`: the signalling server. */
export { createGateway, type Gateway } from './gateway.js';
export type {
  MediaBackend,
  MediaConsumer,
  MediaPipe,
  MediaProducer,
  MediaRouter,
  MediaStats,
  MediaTransport,
  RouterPlacement,
} from './media-backend.js';
export {
  type Authorize,
  type AuthorizeRequest,
  type AuthorizeResult,
  DEFAULT_LIMITS,
  DEFAULT_TIMING,
  type GatewayLimits,
  type GatewayOptions,
  type GatewayTiming,
} from './options.js';
export { createWorkerPool, DEFAULT_MEDIA_CODECS, type WorkerPoolOptions } from './worker-pool.js';

/** `sluss/client`: the browser's side. */
export {
  type ConnectionQuality,
  QUALITY_THRESHOLDS,
  type QualityLevel,
  type QualityReason,
} from './connection-quality.js';
export type { ConnectionStats, ReceivedTrackStats, SentTrackStats } from './connection-stats.js';
export { LocalTrack, type PublishOptions } from './local-track.js';
export type { ReceiverInfo } from './remote-peers.js';
export type { ReceivedLayers, RemotePeer, RemoteTrack } from './remote-peer.js';
export { createDevice as prepareDevice } from './platform.js';
export { RoomClient } from './room-client.js';
export type { RoomClientEvents, RoomClientOptions, RoomClientState } from './room-client-types.js';
export { type ClientErrorCode, SignallingError } from './signalling-error.js';
export { simulcastEncodings, videoBitrate } from './simulcast.js';
export type { AudioLevel, ParticipantInfo } from '../signalling/messages.js';
export type { ProducerClosedReason, ProducerSource } from '../signalling/protocol.js';

/** `sluss/client`: the browser's side. */
export { LocalTrack, type PublishOptions } from './local-track.js';
export type { RemotePeer, RemoteTrack } from './remote-peer.js';
export { RoomClient } from './room-client.js';
export type { RoomClientEvents, RoomClientOptions, RoomClientState } from './room-client-types.js';
export { type ClientErrorCode, SignallingError } from './signalling-error.js';
export type { ProducerSource } from '../signalling/protocol.js';

/** The others in the room, as the page sees them. */
import type { types } from 'mediasoup-client';
import type { ProducerSource } from '../signalling/protocol.js';

/** A stream that another peer sends us. */
export interface RemoteTrack {
  /** The consumer's id. */
  readonly id: string;
  readonly producerId: string;
  readonly kind: 'audio' | 'video';
  readonly source: ProducerSource;
  readonly track: MediaStreamTrack;
  /** By its sender. */
  readonly paused: boolean;
  readonly consumer: types.Consumer;
  /** performance.now() when consume() was called, to measure the time to the first picture from. */
  readonly consumedAt: number;
}

export interface RemotePeer {
  readonly id: string;
  readonly displayName: string;
  /** By consumer id. */
  readonly tracks: ReadonlyMap<string, RemoteTrack>;
}

/** The client's own, writable view. */
export interface MutableRemoteTrack extends RemoteTrack {
  paused: boolean;
}

export interface MutableRemotePeer extends RemotePeer {
  readonly tracks: Map<string, MutableRemoteTrack>;
}

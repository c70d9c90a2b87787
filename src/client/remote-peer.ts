/** The others in the room, as the page sees them. */
import type { types } from 'mediasoup-client';
import type { ParticipantInfo } from '../signalling/messages.js';
import type { ProducerSource } from '../signalling/protocol.js';

export interface ReceivedLayers {
  spatialLayer: number;
  temporalLayer?: number;
}

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
  /** Of simulcast and SVC: what is being sent to us. Null: nothing just now; undefined: not told. */
  readonly layers: ReceivedLayers | null | undefined;
  /** How well it reaches the server, 0 (nothing) to 10; undefined: not told yet. */
  readonly producerScore: number | undefined;
  readonly consumer: types.Consumer;
  /** performance.now() when consume() was called, to measure the time to the first picture from. */
  readonly consumedAt: number;
  /**
   * Says how large the picture is shown, in pixels of the screen (CSS pixels times `devicePixelRatio`), and the server
   * sends the simulcast or SVC layer that fits. 0: it is not shown, and nothing is sent. Call it as often as you like:
   * growth is served at once, shrinking after half a second, hiding after a second. Without a call: the best there is.
   */
  setDisplaySize(width: number, height: number): void;
}

export interface RemotePeer {
  readonly id: string;
  readonly displayName: string;
  /** Who it is to the service; the same after a rejoin. */
  readonly participantId: string | undefined;
  /** What the service vouches for, such as a role. */
  readonly info: Readonly<ParticipantInfo>;
  /** The smaller number was first; null: the hand is down. */
  readonly handRaisedAt: number | null;
  /** What is received of it, by consumer id. In a large room that is nothing of most peers. */
  readonly tracks: ReadonlyMap<string, RemoteTrack>;
  /** What it publishes, received or not. */
  readonly sources: ReadonlyMap<ProducerSource, { readonly paused: boolean }>;
}

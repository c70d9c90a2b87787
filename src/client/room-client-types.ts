/** What the page gives the client, and what it hears from it. */
import type { Device } from 'mediasoup-client';
import type { LocalTrack } from './local-track.js';
import type { AudioLevel } from '../signalling/messages.js';
import type { ProducerClosedReason } from '../signalling/protocol.js';
import type { ReceiverInfo } from './remote-peers.js';
import type { ReceivedLayers, RemotePeer, RemoteTrack } from './remote-peer.js';

export interface RoomClientOptions {
  /** `wss://host/signalling` */
  url: string;
  room: string;
  displayName: string;
  /**
   * Shown to the server's `authorize` hook. A function is asked for a new one before each join that is no resume. When it
   * rejects with an error that has a `code`, the client gives up with that code; without one, or with `offline`, `timeout`
   * or `rate-limited`, the network or the hour is to blame, and a client that was in the room tries again.
   */
  ticket?: string | (() => Promise<string>);
  /**
   * TURN servers, for people whose network lets no UDP out to the server. What a function gives is short-lived: it is asked
   * at each join that is no resume, after `ticket`, and rejects as that may; also before a restart of ICE that comes later
   * than `iceServersLifetimeMs`. Default: none, and none is needed otherwise.
   */
  iceServers?: readonly RTCIceServer[] | (() => readonly RTCIceServer[] | Promise<readonly RTCIceServer[]>);
  /** How long the credentials that the function gave are good for, at least. Default: 30 minutes. */
  iceServersLifetimeMs?: number;
  /** `relay`: by a TURN server or not at all. Default `all`. */
  iceTransportPolicy?: RTCIceTransportPolicy;
  /** Defaults: 250 ms, 5 s, and never giving up. */
  reconnect?: { minDelayMs?: number; maxDelayMs?: number; giveUpAfterMs?: number };
  /** `video/VP9` ...; default: the first that both sides have. */
  preferredVideoCodec?: string;
  codec?: 'msgpack' | 'json';
  /**
   * Nothing goes out or comes in without an encoded transform, which `EncryptedRoom` attaches: `publish` without one
   * rejects with `encryption-required`, a stream received without one is not shown to the page but reported by `error`
   * with that code. Default: false.
   */
  requireEncryption?: boolean;
  /** For platforms without a global one. */
  WebSocket?: typeof WebSocket;
  /** An unloaded device, as `prepareDevice` makes it ahead of the join. Default: one found at the join. */
  device?: Device | Promise<Device>;
}

export type RoomClientState = 'new' | 'connecting' | 'connected' | 'reconnecting' | 'closed';

export interface RoomClientEvents {
  /**
   * `reason` for `closed`: `left`, an error code, `replaced` (the same person came in elsewhere), `removed` (taken out of
   * the room) or `ended` (the room was ended for all), the last two with the server's `text` for people. For
   * `reconnecting`: what was lost.
   */
  state: [state: RoomClientState, reason?: string, text?: string];
  peerjoined: [peer: RemotePeer];
  /** After a rejoin the reason is `rejoin`: everybody is announced anew. */
  peerleft: [peer: RemotePeer, reason: string];
  /** Its `sources` changed. */
  peerupdated: [peer: RemotePeer];
  trackadded: [peer: RemotePeer, track: RemoteTrack];
  trackremoved: [peer: RemotePeer, track: RemoteTrack];
  /** Before `trackadded`, and before anything flows: the place to attach an encoded transform. */
  receivercreated: [info: ReceiverInfo, receiver: RTCRtpReceiver];
  trackpaused: [peer: RemotePeer, track: RemoteTrack];
  trackresumed: [peer: RemotePeer, track: RemoteTrack];
  /** `null`: nothing is being forwarded. */
  layerschanged: [peer: RemotePeer, track: RemoteTrack, layers: ReceivedLayers | null];
  /** Who leads the conversation now, which may be this client; null: nobody. */
  activespeaker: [peerId: string | null];
  /** About twice a second while anybody speaks: the loudest, loudest first; empty once when all are silent. */
  audiolevels: [levels: AudioLevel[]];
  /** Sent by another with `sendMessage`. */
  message: [peer: RemotePeer, topic: string, payload: string];
  /** A hand went up or, null, down; also this client's own. The smaller number was first. */
  handraised: [peerId: string, at: number | null];
  /**
   * Also when its source ended by itself, as when the browser's own button stops a screen share. `reason`: the server
   * ended it, as when a host mutes somebody; it may be published again.
   */
  localtrackclosed: [track: LocalTrack, reason?: ProducerClosedReason];
  /** The server shuts down: the connection ends within this time, and the client then joins again by itself. */
  draining: [deadlineMs: number];
  error: [error: Error & { code?: string }];
}

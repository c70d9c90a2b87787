/** What page and worker say to each other, and what a transform is told when it is made. */
import type { ProducerSource } from '../../signalling/protocol.js';
import type { Member } from './room-secret.js';

/** Position in this list is the `source` of a frame's trailer. */
export const FRAME_SOURCES = ['microphone', 'camera', 'screen'] as const satisfies ProducerSource[];

/** `options` of an RTCRtpScriptTransform. */
export type TransformOptions =
  | { side: 'send'; source: ProducerSource }
  | { side: 'receive'; source: ProducerSource; peerId: string; trackId: string };

/** A room key and who is in it. */
export interface EpochKeys {
  keyId: number;
  roomKey: CryptoKey;
  members: Member[];
}

/** Page to worker: all keys there are from now on. What is not in it any more is forgotten. */
export interface KeysMessage {
  epochs: EpochKeys[];
  /** What to send with; null: nothing is sent. */
  sending: { keyId: number; peerId: string } | null;
}

/** Page to worker. */
export type PageMessage =
  | ({ type: 'keys' } & KeysMessage)
  /** To be answered with `alive`. */
  | { type: 'are-you-there' };

/** Why a frame was not passed on. */
export const DROP_REASONS = [
  /** Sending: there is no key yet. */
  'no-key',
  /** Sending: the codec is not offered with encryption, or the frame is none of it. */
  'unsupported-codec',
  /** Sending: 2^32 frames were sent under one key. */
  'used-up',
  /** Receiving: not a frame of ours. */
  'unencrypted',
  /** Receiving: of an epoch that this page does not have, or whose sender is not in it. */
  'unknown-key',
  /** Receiving: changed on the way, or of somebody else, or of another source. */
  'forged',
  /** Receiving: seen before, or too old to tell. Networks repeat packets: a few are no attack. */
  'replayed',
] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** Frames since the worker began. */
export interface FrameCounters {
  sealed: number;
  opened: number;
  dropped: Record<DropReason, number>;
}

/** Worker to page. */
export type WorkerMessage =
  | { type: 'alive' }
  | { type: 'counters'; counters: FrameCounters }
  /** A frame came under this key; told once a second while it goes on. */
  | { type: 'unknown-key'; keyId: number; peerId: string }
  /** Told once per transform. */
  | { type: 'unsupported-codec'; mimeType: string };

import type { Packet } from './link.js';

/** What a packet has on the wire beyond RTP or RTCP: IPv4 and UDP headers, SRTP authentication tag. */
export const WIRE_OVERHEAD = 38;
/** RTP header with the extensions for transport-wide sequence number and abs-send-time. */
export const RTP_HEADER_BYTES = 24;
export const MAX_RTP_BYTES = 1200;

/** 20 kbps of opus: 50 bytes every 20 ms. */
export const AUDIO_INTERVAL_MS = 20;
export const AUDIO_RTP_BYTES = 50 + RTP_HEADER_BYTES;
export const AUDIO_BITRATE = (AUDIO_RTP_BYTES * 8000) / AUDIO_INTERVAL_MS;
const AUDIO_WIRE_BITRATE = ((AUDIO_RTP_BYTES + WIRE_OVERHEAD) * 8000) / AUDIO_INTERVAL_MS;

export interface MediaPacket extends Packet {
  kind: 'audio' | 'video' | 'padding';
  transportSequence: number;
  sentAt: number;
}

export interface FeedbackPacket extends Packet {
  rtcp: Uint8Array;
  /** When the round trip began that ends with the arrival of this, -1: no report inside. */
  roundTripStart: number;
}

/** What video of a bitrate, with or without audio, needs of a link. */
export function wireBitrate(video: number, audio: boolean): number {
  return video * (1 + WIRE_OVERHEAD / MAX_RTP_BYTES) + (audio ? AUDIO_WIRE_BITRATE : 0);
}

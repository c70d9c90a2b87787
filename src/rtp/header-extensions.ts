/**
 * The content of the header extension elements that we read and write. Hot path: allocates nothing, except
 * `readExtensionString`, which is for the first packets of a stream.
 * Readers take the window of one element's data (from `RtpPacket.findExtension`); writers take the offset of
 * the data and return its end.
 */
import { readU16, readU24, readU32, writeU16, writeU24, writeU32 } from './bytes.js';

export { ExtensionIterator, ExtensionWriter } from './extension-block.js';

export const AUDIO_LEVEL_LENGTH = 1;
export const ABS_SEND_TIME_LENGTH = 3;
export const TRANSPORT_SEQUENCE_LENGTH = 2;
export const VIDEO_ORIENTATION_LENGTH = 1;
export const PLAYOUT_DELAY_LENGTH = 3;
/** Without the estimated capture clock offset; twice as long with it. */
export const ABS_CAPTURE_TIME_LENGTH = 8;

/** RFC 6464. */
export class AudioLevel {
  /** -dBov: 0 is loudest, 127 is silence. */
  level = 127;
  /** The sender's voice activity flag. */
  voice = false;
}

export function readAudioLevel(bytes: Uint8Array, offset: number, length: number, into: AudioLevel): boolean {
  if (length < AUDIO_LEVEL_LENGTH) return false;
  into.level = bytes[offset] & 0x7f;
  into.voice = bytes[offset] >> 7 === 1;
  return true;
}

export function writeAudioLevel(bytes: Uint8Array, offset: number, level: number, voice: boolean): number {
  bytes[offset] = (level & 0x7f) | (voice ? 0x80 : 0);
  return offset + AUDIO_LEVEL_LENGTH;
}

/** 24-bit send time in 6.18 fixed-point seconds, or -1. */
export function readAbsSendTime(bytes: Uint8Array, offset: number, length: number): number {
  return length < ABS_SEND_TIME_LENGTH ? -1 : readU24(bytes, offset);
}

/** `value` as `toAbsSendTime` makes it. */
export function writeAbsSendTime(bytes: Uint8Array, offset: number, value: number): number {
  writeU24(bytes, offset, value);
  return offset + ABS_SEND_TIME_LENGTH;
}

/** Milliseconds (not negative) as 24-bit 6.18 fixed-point seconds; wraps every 64 s. */
export function toAbsSendTime(nowMs: number): number {
  return Math.round((nowMs % 64_000) * 262.144) & 0xffffff;
}

/** Transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01), or -1. */
export function readTransportSequence(bytes: Uint8Array, offset: number, length: number): number {
  return length < TRANSPORT_SEQUENCE_LENGTH ? -1 : readU16(bytes, offset);
}

export function writeTransportSequence(bytes: Uint8Array, offset: number, sequence: number): number {
  writeU16(bytes, offset, sequence);
  return offset + TRANSPORT_SEQUENCE_LENGTH;
}

/** 3GPP TS 26.114 7.4.5 (urn:3gpp:video-orientation). */
export class VideoOrientation {
  /** True for a camera that faces away from the user. */
  backCamera = false;
  /** Mirrored left to right. */
  flip = false;
  /** Degrees clockwise that the receiver has to turn the picture: 0, 90, 180 or 270. */
  rotation = 0;
}

export function readVideoOrientation(
  bytes: Uint8Array,
  offset: number,
  length: number,
  into: VideoOrientation,
): boolean {
  if (length < VIDEO_ORIENTATION_LENGTH) return false;
  into.backCamera = (bytes[offset] & 0x08) !== 0;
  into.flip = (bytes[offset] & 0x04) !== 0;
  into.rotation = (bytes[offset] & 0x03) * 90;
  return true;
}

export function writeVideoOrientation(
  bytes: Uint8Array,
  offset: number,
  orientation: Readonly<VideoOrientation>,
): number {
  bytes[offset] =
    (orientation.backCamera ? 0x08 : 0) |
    (orientation.flip ? 0x04 : 0) |
    (Math.floor(orientation.rotation / 90) & 0x03);
  return offset + VIDEO_ORIENTATION_LENGTH;
}

/** http://www.webrtc.org/experiments/rtp-hdrext/playout-delay: both in steps of 10 ms, 0-40950. */
export class PlayoutDelay {
  minMs = 0;
  maxMs = 0;
}

export function readPlayoutDelay(
  bytes: Uint8Array,
  offset: number,
  length: number,
  into: PlayoutDelay,
): boolean {
  if (length < PLAYOUT_DELAY_LENGTH) return false;
  const value = readU24(bytes, offset);
  into.minMs = (value >> 12) * 10;
  into.maxMs = (value & 0xfff) * 10;
  return true;
}

/** Milliseconds, rounded down to 10 ms and held within the field. */
export function writePlayoutDelay(bytes: Uint8Array, offset: number, minMs: number, maxMs: number): number {
  writeU24(bytes, offset, (toPlayoutSteps(minMs) << 12) | toPlayoutSteps(maxMs));
  return offset + PLAYOUT_DELAY_LENGTH;
}

function toPlayoutSteps(ms: number): number {
  return Math.min(0xfff, Math.max(0, Math.floor(ms / 10)));
}

/** http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time. */
export class AbsCaptureTime {
  /** NTP time of capture, by the clock of the capturer. */
  ntpSeconds = 0;
  ntpFraction = 0;
  hasClockOffset = false;
  /** Capturer's clock minus sender's clock, signed 32.32 fixed point: whole seconds (rounded down)... */
  clockOffsetSeconds = 0;
  /** ...and the fraction of a second to add, in 2^-32 s. */
  clockOffsetFraction = 0;
}

export function readAbsCaptureTime(
  bytes: Uint8Array,
  offset: number,
  length: number,
  into: AbsCaptureTime,
): boolean {
  if (length < ABS_CAPTURE_TIME_LENGTH) return false;
  into.ntpSeconds = readU32(bytes, offset);
  into.ntpFraction = readU32(bytes, offset + 4);
  into.hasClockOffset = length >= ABS_CAPTURE_TIME_LENGTH * 2;
  into.clockOffsetSeconds = into.hasClockOffset ? readU32(bytes, offset + 8) | 0 : 0;
  into.clockOffsetFraction = into.hasClockOffset ? readU32(bytes, offset + 12) : 0;
  return true;
}

/** Writes 8 bytes, or 16 with a clock offset. */
export function writeAbsCaptureTime(
  bytes: Uint8Array,
  offset: number,
  time: Readonly<AbsCaptureTime>,
): number {
  writeU32(bytes, offset, time.ntpSeconds);
  writeU32(bytes, offset + 4, time.ntpFraction);
  if (!time.hasClockOffset) return offset + ABS_CAPTURE_TIME_LENGTH;
  writeU32(bytes, offset + 8, time.clockOffsetSeconds);
  writeU32(bytes, offset + 12, time.clockOffsetFraction);
  return offset + ABS_CAPTURE_TIME_LENGTH * 2;
}

/**
 * MID, RID and repaired RID (RFC 8843, RFC 8852): an SDP token, so printable ASCII. Empty when it holds any
 * other byte. Zero bytes at the end are padding: some senders keep the length of the element constant.
 */
export function readExtensionString(bytes: Uint8Array, offset: number, length: number): string {
  let end = offset + length;
  while (end > offset && bytes[end - 1] === 0) end--;
  let text = '';
  for (let i = offset; i < end; i++) {
    if (bytes[i] <= 0x20 || bytes[i] >= 0x7f) return '';
    text += String.fromCharCode(bytes[i]);
  }
  return text;
}

/** `text` is ASCII and the space of `text.length` bytes was reserved. */
export function writeExtensionString(bytes: Uint8Array, offset: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[offset + i] = text.charCodeAt(i);
  return offset + text.length;
}

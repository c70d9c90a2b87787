/**
 * How much of an encoded frame stays readable: what packetizers, the server and depacketizers look at, and no more.
 */

/** By MIME type, lower case. What is not here is not offered with encryption. */
export const ENCRYPTED_CODECS = ['audio/opus', 'video/vp8', 'video/vp9', 'video/h264'] as const;
export type EncryptedCodec = (typeof ENCRYPTED_CODECS)[number];

export function encryptedCodec(mimeType: string | undefined): EncryptedCodec | null {
  const lower = mimeType?.toLowerCase();
  return ENCRYPTED_CODECS.find((codec) => codec === lower) ?? null;
}

/** Bytes from the front of the frame; for H.264 from the front of its first slice (`firstSlice`). */
export function clearLength(codec: EncryptedCodec, frame: Uint8Array): number {
  switch (codec) {
    case 'audio/opus':
      return Math.min(OPUS_CLEAR, frame.length);
    case 'video/vp8':
      // Bit 0 is 0 in a key frame (RFC 6386 9.1).
      return Math.min(
        frame.length > 0 && (frame[0] & 1) === 0 ? VP8_KEY_CLEAR : VP8_DELTA_CLEAR,
        frame.length,
      );
    case 'video/vp9':
      // All that others need stands in the payload descriptor, outside of the frame (RFC 9628 4.2).
      return 0;
    case 'video/h264':
      return Math.min(H264_SLICE_CLEAR, frame.length);
  }
}

/** The table of contents (RFC 6716 3.1). */
const OPUS_CLEAR = 1;
/** Frame tag, start code, width and height. */
const VP8_KEY_CLEAR = 10;
/** Frame tag. */
const VP8_DELTA_CLEAR = 3;
/** NAL header, first_mb_in_slice, slice_type and pic_parameter_set_id, by which receivers find the parameter sets. */
const H264_SLICE_CLEAR = 8;

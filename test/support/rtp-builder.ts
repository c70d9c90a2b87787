import { writeU16, writeU32 } from '#src/rtp/bytes.js';
import { ExtensionWriter } from '#src/rtp/extension-block.js';
import { ONE_BYTE_PROFILE, TWO_BYTE_PROFILE } from '#src/rtp/rtp-packet.js';

export interface RtpFields {
  payloadType: number;
  sequenceNumber: number;
  timestamp: number;
  ssrc: number;
  marker?: boolean;
  payload: Uint8Array;
  padding?: number;
  extensions?: { id: number; data: Uint8Array }[];
  /** RFC 8285 4.3: for elements longer than 16 bytes. */
  twoByteExtensions?: boolean;
}

/** An RTP packet as a sender would write it (RFC 3550 5.1), in a buffer of just its size. */
export function buildRtp(fields: RtpFields): Uint8Array {
  const out = new Uint8Array(2000);
  out[0] = 0x80;
  out[1] = (fields.marker ? 0x80 : 0) | fields.payloadType;
  writeU16(out, 2, fields.sequenceNumber & 0xffff);
  writeU32(out, 4, fields.timestamp >>> 0);
  writeU32(out, 8, fields.ssrc);
  let at = 12;
  if (fields.extensions && fields.extensions.length > 0) {
    out[0] |= 0x10;
    const writer = new ExtensionWriter();
    writer.begin(out, at, fields.twoByteExtensions ? TWO_BYTE_PROFILE : ONE_BYTE_PROFILE);
    for (const { id, data } of fields.extensions) writer.add(id, data, 0, data.length);
    at += writer.finish();
  }
  out.set(fields.payload, at);
  at += fields.payload.length;
  if (fields.padding) {
    out[0] |= 0x20;
    at += fields.padding;
    out[at - 1] = fields.padding;
  }
  return out.slice(0, at);
}

export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A VP8 payload (RFC 7741): descriptor with 15-bit picture id and TL0PICIDX, then the start of a frame. */
export function vp8Payload(options: {
  pictureId: number;
  tl0PicIdx: number;
  keyFrame: boolean;
  start?: boolean;
  size?: number;
}): Uint8Array {
  const { pictureId, tl0PicIdx, keyFrame, start = true, size = 100 } = options;
  const payload = new Uint8Array(size);
  payload[0] = 0x80 | (start ? 0x10 : 0);
  payload[1] = 0xc0;
  payload[2] = 0x80 | (pictureId >> 8);
  payload[3] = pictureId & 0xff;
  payload[4] = tl0PicIdx;
  // Frame tag: bit 0 of its first byte is 0 in a key frame; then the start code 9d 01 2a and the size.
  payload[5] = keyFrame ? 0x10 : 0x11;
  if (keyFrame) payload.set([0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00], 6);
  return payload;
}

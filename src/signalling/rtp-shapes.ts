/**
 * Parsers for capabilities and parameters in ORTC form. They bound sizes and check types;
 * whether a codec or payload type makes sense is the media layer's business.
 */
import type { RtpCapabilities, RtpHeaderExtensionUri, RtpParameters } from '../rtp/rtp-parameters.js';
import type { DtlsParameters } from './messages.js';
import {
  boolean,
  integer,
  list,
  object,
  oneOf,
  optional,
  type Parser,
  positiveNumber,
  scalarMap,
  text,
} from './shape.js';

const MAX_CODECS = 64;
const MAX_EXTENSIONS = 64;
const MAX_ENCODINGS = 16;
const MAX_U32 = 0xffffffff;

export const mediaKind = oneOf(['audio', 'video']);

const mimeType: Parser<string> = (value, field) => text(3, 64)(value, field);
const extensionUri = text(1, 256) as Parser<RtpHeaderExtensionUri>;
const rtcpFeedback = list(object({ type: text(1, 32), parameter: optional(text(0, 32)) }), 0, 32);
const ssrc = integer(0, MAX_U32);

export const rtpCapabilities: Parser<RtpCapabilities> = object({
  codecs: optional(
    list(
      object({
        kind: mediaKind,
        mimeType,
        preferredPayloadType: integer(0, 127),
        clockRate: integer(1, MAX_U32),
        channels: optional(integer(1, 255)),
        parameters: optional(scalarMap(32)),
        rtcpFeedback: optional(rtcpFeedback),
      }),
      0,
      MAX_CODECS,
    ),
  ),
  headerExtensions: optional(
    list(
      object({
        kind: mediaKind,
        uri: extensionUri,
        preferredId: integer(1, 255),
        preferredEncrypt: optional(boolean),
        direction: optional(oneOf(['sendrecv', 'sendonly', 'recvonly', 'inactive'])),
      }),
      0,
      MAX_EXTENSIONS,
    ),
  ),
});

export const rtpParameters: Parser<RtpParameters> = object({
  mid: optional(text(1, 255)),
  codecs: list(
    object({
      mimeType,
      payloadType: integer(0, 127),
      clockRate: integer(1, MAX_U32),
      channels: optional(integer(1, 255)),
      parameters: optional(scalarMap(32)),
      rtcpFeedback: optional(rtcpFeedback),
    }),
    1,
    MAX_CODECS,
  ),
  headerExtensions: optional(
    list(
      object({
        uri: extensionUri,
        id: integer(1, 255),
        encrypt: optional(boolean),
        parameters: optional(scalarMap(16)),
      }),
      0,
      MAX_EXTENSIONS,
    ),
  ),
  encodings: optional(
    list(
      object({
        ssrc: optional(ssrc),
        rid: optional(text(1, 255)),
        codecPayloadType: optional(integer(0, 127)),
        rtx: optional(object({ ssrc })),
        dtx: optional(boolean),
        scalabilityMode: optional(text(1, 32)),
        scaleResolutionDownBy: optional(positiveNumber(1024)),
        maxBitrate: optional(positiveNumber(Number.MAX_SAFE_INTEGER)),
      }),
      0,
      MAX_ENCODINGS,
    ),
  ),
  rtcp: optional(object({ cname: optional(text(0, 255)), reducedSize: optional(boolean) })),
  msid: optional(text(0, 512)),
});

export const dtlsParameters: Parser<DtlsParameters> = object({
  role: optional(oneOf(['auto', 'client', 'server'])),
  fingerprints: list(
    object({
      algorithm: oneOf(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']),
      value: text(1, 256),
    }),
    1,
    8,
  ),
});

import {
  type MediaKind,
  type RtcpFeedback,
  type RtpCodecParametersParameters,
} from '../../rtp/rtp-parameters.js';
import { Fields } from './fields.js';
import {
  type NormalizedRouterRtpCodecCapability,
  type NormalizedRtpCodecCapability,
  type NormalizedRtpCodecParameters,
} from './normalized.js';

/**
 * Validates one codec of RTP capabilities and returns a copy with the defaults filled in: `channels` 1 (audio;
 * video has none), `parameters` {}, `rtcpFeedback` []. `kind` follows from the MIME type.
 * @throws {TypeError} naming the field.
 */
export function validateRtpCodecCapability(codec: unknown, place = 'codec'): NormalizedRtpCodecCapability {
  const fields = new Fields(codec, 'codec', place);
  return { ...readMediaCodec(fields), preferredPayloadType: fields.integer('preferredPayloadType', 0, 127) };
}

/** As `validateRtpCodecCapability()` for a codec of `mediaCodecs`, where the payload type may be left open. */
export function validateRouterRtpCodecCapability(
  codec: unknown,
  place = 'codec',
): NormalizedRouterRtpCodecCapability {
  const fields = new Fields(codec, 'codec', place);
  const preferredPayloadType = fields.optionalInteger('preferredPayloadType', 0, 127);
  return { ...readMediaCodec(fields), ...(preferredPayloadType !== undefined && { preferredPayloadType }) };
}

/** Validates one codec of RTP parameters; defaults as in `validateRtpCodecCapability()`. */
export function validateRtpCodecParameters(codec: unknown, place = 'codec'): NormalizedRtpCodecParameters {
  const fields = new Fields(codec, 'codec', place);
  const { kind: _kind, ...rest } = readMediaCodec(fields);
  return { ...rest, payloadType: fields.integer('payloadType', 0, 127) };
}

// Names as RFC 6838 section 4.2 allows them.
const mimeTypePattern = /^(audio|video)\/[\w!#$&^.+-]{1,127}$/i;

/** Whether a MIME type is that of retransmission (RFC 4588). */
export function isRtx(codec: { mimeType: string }): boolean {
  return /^(audio|video)\/rtx$/i.test(codec.mimeType);
}

export function mediaKindOf(codec: { mimeType: string }): MediaKind {
  return codec.mimeType.slice(0, 5).toLowerCase() === 'video' ? 'video' : 'audio';
}

function readMediaCodec(fields: Fields): Omit<NormalizedRtpCodecCapability, 'preferredPayloadType'> {
  const mimeType = fields.string('mimeType');
  if (!mimeTypePattern.test(mimeType)) {
    fields.fail('mimeType', 'a MIME type such as audio/opus or video/VP8');
  }
  const kind = mediaKindOf({ mimeType });
  const clockRate = fields.integer('clockRate', 1, 0xffffffff);
  const channels = kind === 'audio' ? (fields.optionalInteger('channels', 1, 255) ?? 1) : undefined;
  const parameters = readCodecParameters(fields.optionalObject('parameters'));
  return {
    kind,
    mimeType,
    clockRate,
    ...(channels !== undefined && { channels }),
    parameters,
    rtcpFeedback: fields.optionalList('rtcpFeedback', readRtcpFeedback),
  };
}

/** Codec-specific parameters: any names, plain values. Left-out values become '', as an SDP fmtp flag has none. */
export function readCodecParameters(fields: Fields | null): RtpCodecParametersParameters {
  if (!fields) {
    return {};
  }
  const entries = fields.entries().map(([key, value]) => {
    if (key === 'apt') {
      return [key, fields.integer(key, 0, 127)] as const;
    }
    if (value === undefined || value === null) {
      return [key, ''] as const;
    }
    const isPlain = typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
    return [
      key,
      isPlain ? (value as string | number | boolean) : fields.fail(key, 'a string or a number'),
    ] as const;
  });
  // Unlike an assignment, this makes even '__proto__' an ordinary field.
  return Object.fromEntries(entries);
}

function readRtcpFeedback(feedback: unknown, place: string): RtcpFeedback {
  const fields = new Fields(feedback, 'rtcpFeedback', place);
  return { type: fields.string('type'), parameter: fields.optionalString('parameter') ?? '' };
}

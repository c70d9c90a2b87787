import { type RouterRtpCapabilities } from '../../rtp/rtp-parameters.js';
import { UnsupportedError } from '../errors.js';
import { getSupportedRtpCapabilities } from '../supported-rtp-capabilities.js';
import { matchCodecs } from './match-codecs.js';
import {
  type NormalizedRouterRtpCodecCapability,
  type NormalizedRtpCapabilities,
  type NormalizedRtpCodecCapability,
} from './normalized.js';
import { redLast } from './red-codec.js';
import { isRtx, validateRouterRtpCodecCapability } from './validate-rtp-codecs.js';
import { validateRtpHeaderExtension } from './validate-rtp-capabilities.js';

/**
 * The capabilities of a router with these media codecs. Each codec keeps the payload type it asks for, or that
 * of RFC 3551, or gets the next of 100-127, 96-99; each video codec is followed by its RTX codec.
 * RED comes last: endpoints prefer what comes first, and RED is of use only to those that send Opus beside it.
 * Feedback comes from the supported capabilities, `parameters` of `mediaCodecs` are laid over the supported ones.
 * @throws {TypeError} malformed codec, or a payload type asked for twice.
 * @throws {UnsupportedError} codec that is not supported; RTX is added by itself and cannot be asked for.
 * @throws {Error} no dynamic payload type is left.
 */
export function generateRouterRtpCapabilities(mediaCodecs: unknown = []): NormalizedRtpCapabilities {
  if (!Array.isArray(mediaCodecs)) {
    throw new TypeError('mediaCodecs is not an array: expected a list of codecs');
  }
  const wanted = Array.from(mediaCodecs as unknown[], (mediaCodec, index) =>
    toSupportedCodec(validateRouterRtpCodecCapability(mediaCodec, `mediaCodecs[${index}]`)),
  );
  const payloadTypes = new PayloadTypes(wanted);
  const codecs = redLast(wanted).flatMap((codec) => {
    const preferredPayloadType = codec.preferredPayloadType ?? payloadTypes.next();
    const chosen = { ...codec, preferredPayloadType };
    return codec.kind === 'video' ? [chosen, rtxFor(chosen, payloadTypes.next())] : [chosen];
  });
  const headerExtensions = getSupportedRtpCapabilities().headerExtensions.map((extension) =>
    validateRtpHeaderExtension(extension),
  );
  return { codecs, headerExtensions } satisfies RouterRtpCapabilities;
}

function toSupportedCodec(
  mediaCodec: NormalizedRouterRtpCodecCapability,
): NormalizedRouterRtpCodecCapability {
  const supported = getSupportedRtpCapabilities().codecs.find((codec) =>
    matchCodecs(mediaCodec, codec, { strict: false }),
  );
  if (!supported) {
    const hint = isRtx(mediaCodec)
      ? 'RTX is added for every video codec by itself'
      : 'see getSupportedRtpCapabilities()';
    const { mimeType, clockRate, channels } = mediaCodec;
    throw new UnsupportedError(
      `media codec not supported: ${mimeType}, clock rate ${clockRate}, ${channels ?? 'no'} channels (${hint})`,
    );
  }
  const codec = validateRouterRtpCodecCapability(supported);
  return {
    ...codec,
    ...(mediaCodec.preferredPayloadType !== undefined && {
      preferredPayloadType: mediaCodec.preferredPayloadType,
    }),
    parameters: { ...codec.parameters, ...mediaCodec.parameters },
  };
}

function rtxFor(codec: NormalizedRtpCodecCapability, payloadType: number): NormalizedRtpCodecCapability {
  return {
    kind: codec.kind,
    mimeType: `${codec.kind}/rtx`,
    preferredPayloadType: payloadType,
    clockRate: codec.clockRate,
    parameters: { apt: codec.preferredPayloadType },
    rtcpFeedback: [],
  };
}

/** Hands out dynamic payload types. Those asked for are set aside first, so that order does not matter. */
class PayloadTypes {
  private readonly free: number[];

  constructor(codecs: NormalizedRouterRtpCodecCapability[]) {
    const taken = new Map<number, string>();
    for (const { preferredPayloadType, mimeType } of codecs) {
      if (preferredPayloadType === undefined) {
        continue;
      }
      const other = taken.get(preferredPayloadType);
      if (other !== undefined) {
        throw new TypeError(
          `duplicated codec.preferredPayloadType ${preferredPayloadType}: used by ${other} and by ${mimeType}`,
        );
      }
      taken.set(preferredPayloadType, mimeType);
    }
    this.free = dynamicPayloadTypes().filter((payloadType) => !taken.has(payloadType));
  }

  next(): number {
    const payloadType = this.free.shift();
    if (payloadType === undefined) {
      throw new Error(
        'cannot allocate more dynamic codec payload types: mediaCodecs is too long (96-127 are used up)',
      );
    }
    return payloadType;
  }
}

// 96-99 come last: browsers use them first in their own offers.
function dynamicPayloadTypes(): number[] {
  return [...range(100, 127), ...range(96, 99)];
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

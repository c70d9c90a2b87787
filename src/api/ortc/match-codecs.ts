import { type RtpCodecParametersParameters } from '../../rtp/rtp-parameters.js';
import { isSameH264Profile } from './h264-profile.js';

/** The part of capabilities and of parameters by which codecs are compared. */
export interface ComparableCodec {
  mimeType: string;
  clockRate: number;
  channels?: number;
  parameters?: RtpCodecParametersParameters;
}

/**
 * Whether two codecs are the same format: MIME type, clock rate, channels and, where it decides about the
 * payload, the layout of streams (multiopus). With `strict` also the profile: H264 `profile-level-id` and
 * `packetization-mode`, VP9 `profile-id`, AV1 `profile`.
 */
export function matchCodecs(
  a: ComparableCodec,
  b: ComparableCodec,
  { strict }: { strict: boolean },
): boolean {
  const mimeType = a.mimeType.toLowerCase();
  if (
    mimeType !== b.mimeType.toLowerCase() ||
    a.clockRate !== b.clockRate ||
    channelsOf(a, mimeType) !== channelsOf(b, mimeType)
  ) {
    return false;
  }
  const [ours, theirs] = [a.parameters ?? {}, b.parameters ?? {}];
  switch (mimeType) {
    case 'audio/multiopus':
      return sameNumber(ours, theirs, 'num_streams') && sameNumber(ours, theirs, 'coupled_streams');
    case 'video/h264':
      return !strict || (sameNumber(ours, theirs, 'packetization-mode') && isSameH264Profile(ours, theirs));
    case 'video/vp9':
      return !strict || sameNumber(ours, theirs, 'profile-id');
    case 'video/av1':
      return !strict || sameNumber(ours, theirs, 'profile');
    default:
      return true;
  }
}

function channelsOf(codec: ComparableCodec, mimeType: string): number {
  return mimeType.startsWith('audio/') ? (codec.channels ?? 1) : 1;
}

/** Left out means 0 for each of these; SDP parsers give numbers or text. */
function sameNumber(a: RtpCodecParametersParameters, b: RtpCodecParametersParameters, key: string): boolean {
  return Number(a[key] ?? 0) === Number(b[key] ?? 0);
}

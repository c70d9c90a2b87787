/** H264 `profile-level-id` (RFC 6184 section 8.1), by the library that mediasoup-client uses in the browser too. */
import { generateProfileLevelIdStringForAnswer, isSameProfile } from 'h264-profile-level-id';
import { type RtpCodecParametersParameters } from '../../rtp/rtp-parameters.js';

/**
 * Whether both mean the same profile, whatever their level. Without a `profile-level-id` a codec is taken as
 * Constrained Baseline, as libwebrtc does; an unreadable one is the same as nothing.
 */
export function isSameH264Profile(a: RtpCodecParametersParameters, b: RtpCodecParametersParameters): boolean {
  return isSameProfile(withTextProfile(a), withTextProfile(b));
}

/**
 * The `profile-level-id` that a sender with parameters `local` may use towards `remote`: its own level if both
 * allow level asymmetry, else the lower of the two. Undefined when neither names a profile.
 * Both must have the same profile.
 */
export function h264ProfileLevelIdForAnswer(
  local: RtpCodecParametersParameters,
  remote: RtpCodecParametersParameters,
): string | undefined {
  return generateProfileLevelIdStringForAnswer(withTextProfile(local), withTextProfile(remote));
}

/** An SDP parser makes a number of an id that has digits only, such as 640032. */
function withTextProfile(parameters: RtpCodecParametersParameters): RtpCodecParametersParameters {
  const id = parameters['profile-level-id'];
  return typeof id === 'number' ? { ...parameters, 'profile-level-id': String(id) } : parameters;
}

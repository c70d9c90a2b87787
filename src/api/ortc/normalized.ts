/** What the validators return: the same vocabulary with every list and default filled in. */
import {
  type RouterRtpCapabilities,
  type RouterRtpCodecCapability,
  type RtcpFeedback,
  type RtcpParameters,
  type RtpCodecCapability,
  type RtpCodecParameters,
  type RtpCodecParametersParameters,
  type RtpEncodingParameters,
  type RtpHeaderExtensionParameters,
  type RtpParameters,
} from '../../rtp/rtp-parameters.js';

interface Filled {
  parameters: RtpCodecParametersParameters;
  rtcpFeedback: RtcpFeedback[];
}

export type NormalizedRtpCodecCapability = RtpCodecCapability & Filled;
/** A codec of `mediaCodecs`, whose payload type may still be open. */
export type NormalizedRouterRtpCodecCapability = RouterRtpCodecCapability & Filled;
export type NormalizedRtpCodecParameters = RtpCodecParameters & Filled;

export interface NormalizedRtpCapabilities extends RouterRtpCapabilities {
  codecs: NormalizedRtpCodecCapability[];
}

export interface NormalizedRtpParameters extends RtpParameters {
  codecs: NormalizedRtpCodecParameters[];
  headerExtensions: RtpHeaderExtensionParameters[];
  encodings: RtpEncodingParameters[];
  rtcp: RtcpParameters;
}

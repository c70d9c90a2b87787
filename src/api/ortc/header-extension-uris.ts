import { type RtpHeaderExtensionUri } from '../../rtp/rtp-parameters.js';

export const MID: RtpHeaderExtensionUri = 'urn:ietf:params:rtp-hdrext:sdes:mid';
export const ABS_SEND_TIME: RtpHeaderExtensionUri =
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time';
export const TRANSPORT_WIDE_CC: RtpHeaderExtensionUri =
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';
export const DEPENDENCY_DESCRIPTOR: RtpHeaderExtensionUri =
  'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension';

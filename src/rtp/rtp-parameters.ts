/**
 * The RTP vocabulary that every layer and the browser share: capabilities and parameters in the shape of
 * ORTC (https://draft.ortc.org/) as mediasoup and mediasoup-client use it. Types only, no behaviour.
 */

export type MediaKind = 'audio' | 'video';

export type RtpHeaderExtensionUri =
  | 'urn:ietf:params:rtp-hdrext:sdes:mid'
  | 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id'
  | 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id'
  | 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time'
  | 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01'
  | 'urn:ietf:params:rtp-hdrext:ssrc-audio-level'
  | 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension'
  | 'urn:3gpp:video-orientation'
  | 'urn:ietf:params:rtp-hdrext:toffset'
  | 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time'
  | 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay'
  | 'urn:mediasoup:params:rtp-hdrext:packet-id';

export type RtpHeaderExtensionDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** Codec-specific parameters (SDP fmtp): `apt`, `packetization-mode`, `profile-level-id`, ... */
export type RtpCodecParametersParameters = Record<string, string | number | boolean | undefined | null>;

export interface RtcpFeedback {
  /** `nack`, `ccm`, `goog-remb`, `transport-cc` ... */
  type: string;
  /** `pli`, `fir` ... */
  parameter?: string;
}

/** One codec that an endpoint or a router can receive. */
export interface RtpCodecCapability {
  kind: MediaKind;
  /** `audio/opus`, `video/VP8`, `video/rtx` ... (case-insensitive) */
  mimeType: string;
  /** 0-127; in a router's `mediaCodecs` it may be left out and is then chosen. */
  preferredPayloadType: number;
  /** Hz. */
  clockRate: number;
  /** Audio only; default 1. */
  channels?: number;
  parameters?: RtpCodecParametersParameters;
  rtcpFeedback?: RtcpFeedback[];
}

/** A codec as written in `createRouter({ mediaCodecs })`: the payload type is optional there. */
export type RouterRtpCodecCapability = Omit<RtpCodecCapability, 'preferredPayloadType'> & {
  preferredPayloadType?: number;
};

export interface RtpHeaderExtension {
  kind: MediaKind;
  uri: RtpHeaderExtensionUri;
  /** 1-14 fits one-byte headers, 15-255 needs two-byte headers (RFC 8285). */
  preferredId: number;
  preferredEncrypt?: boolean;
  direction?: RtpHeaderExtensionDirection;
}

export interface RtpCapabilities {
  codecs?: RtpCodecCapability[];
  headerExtensions?: RtpHeaderExtension[];
}

/** A router's capabilities: both lists are always there. */
export interface RouterRtpCapabilities extends RtpCapabilities {
  codecs: RtpCodecCapability[];
  headerExtensions: RtpHeaderExtension[];
}

export interface RtpCodecParameters {
  mimeType: string;
  payloadType: number;
  /** Hz. */
  clockRate: number;
  channels?: number;
  parameters?: RtpCodecParametersParameters;
  rtcpFeedback?: RtcpFeedback[];
}

export interface RtpHeaderExtensionParameters {
  uri: RtpHeaderExtensionUri;
  /** 1-255. */
  id: number;
  encrypt?: boolean;
  parameters?: RtpCodecParametersParameters;
}

export interface RtpEncodingParameters {
  ssrc?: number;
  /** RFC 8852 RtpStreamId, at most 255 characters. */
  rid?: string;
  codecPayloadType?: number;
  rtx?: { ssrc: number };
  /** Audio: discontinuous transmission is on. */
  dtx?: boolean;
  /** `L1T3`, `S3T3`, `L3T3_KEY` ... (W3C webrtc-svc). */
  scalabilityMode?: string;
  scaleResolutionDownBy?: number;
  /** bps. */
  maxBitrate?: number;
}

export interface RtcpParameters {
  cname?: string;
  /** RFC 5506; default true. */
  reducedSize?: boolean;
}

export interface RtpParameters {
  /** RFC 8843 media identification. */
  mid?: string;
  codecs: RtpCodecParameters[];
  headerExtensions?: RtpHeaderExtensionParameters[];
  encodings?: RtpEncodingParameters[];
  rtcp?: RtcpParameters;
  msid?: string;
}

/** How a producer's own payload types and SSRCs map to the router's ("consumable") ones. */
export interface RtpMapping {
  codecs: { payloadType: number; mappedPayloadType: number }[];
  encodings: {
    ssrc?: number;
    rid?: string;
    scalabilityMode?: string;
    mappedSsrc: number;
  }[];
}

/** What a producer or consumer is made of; decides how layers are handled. */
export type ProducerType = 'simple' | 'simulcast' | 'svc';
export type ConsumerType = ProducerType | 'pipe';

export interface ConsumerLayers {
  spatialLayer: number;
  temporalLayer?: number;
}

/** The SRTP suites of mediasoup's PlainTransport and PipeTransport. */
export type SrtpCryptoSuite =
  'AEAD_AES_256_GCM' | 'AEAD_AES_128_GCM' | 'AES_CM_128_HMAC_SHA1_80' | 'AES_CM_128_HMAC_SHA1_32';

export interface SrtpParameters {
  cryptoSuite: SrtpCryptoSuite;
  /** Master key and master salt, concatenated, base64 (RFC 4568 6.1). */
  keyBase64: string;
}

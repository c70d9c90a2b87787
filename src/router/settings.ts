import {
  type ConsumerLayers,
  type ConsumerType,
  type MediaKind,
  type ProducerType,
  type RtpEncodingParameters,
  type RtpMapping,
  type RtpParameters,
} from '../rtp/rtp-parameters.js';

/** What the core needs to know of a producer; negotiated and checked before it comes here. */
export interface ProducerSettings {
  id: string;
  kind: MediaKind;
  type: ProducerType;
  /** As the sender sends: its own payload types, SSRCs and extension ids. */
  rtpParameters: RtpParameters;
  rtpMapping: RtpMapping;
  /** Milliseconds, least pause between key-frame requests; 0 = the default. */
  keyFrameRequestDelay: number;
  paused: boolean;
}

export interface ConsumerSettings {
  id: string;
  producerId: string;
  kind: MediaKind;
  type: ConsumerType;
  /** As the receiver expects: the router's payload types and extension ids, an SSRC of its own. */
  rtpParameters: RtpParameters;
  /** The producer's encodings by their mapped SSRCs. */
  consumableRtpEncodings: RtpEncodingParameters[];
  paused: boolean;
  preferredLayers?: ConsumerLayers;
  /** Leave out Opus packets that only say "silence". */
  ignoreDtx: boolean;
}

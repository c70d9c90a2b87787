import { type ConsumerLayers } from '../rtp/rtp-parameters.js';
import { type SendStream } from '../stream/send-stream.js';
import { mediaCodec } from './media-codec.js';
import { type ConsumerSettings } from './settings.js';

/** What is told of a consumer; Consumer has it. */
export interface ReportedConsumer {
  readonly id: string;
  readonly settings: ConsumerSettings;
  readonly send: SendStream;
  readonly producer: { readonly id: string };
  readonly paused: boolean;
  readonly producerPaused: boolean;
  readonly priority: number;
  readonly preferredLayers: ConsumerLayers | undefined;
  readonly currentLayers: ConsumerLayers | undefined;
}

/** mediasoup's 'outbound-rtp' entry of a consumer. @param unixMs now */
export function outboundStats(now: number, unixMs: number, consumer: ReportedConsumer): object {
  const { send, settings } = consumer;
  const { kind } = settings;
  return {
    type: 'outbound-rtp',
    timestamp: Math.round(unixMs),
    ssrc: send.ssrc,
    rtxSsrc: send.rtxSsrc,
    kind,
    mimeType: mediaCodec(settings.rtpParameters.codecs).mimeType,
    packetsLost: send.packetsLost,
    fractionLost: send.fractionLost,
    jitter: send.jitter,
    packetsDiscarded: 0,
    packetsRetransmitted: send.packetsRetransmitted,
    packetsRepaired: 0,
    nackCount: send.nackCount,
    nackPacketCount: send.nackPacketCount,
    pliCount: send.pliCount,
    firCount: send.firCount,
    score: send.score,
    roundTripTime: send.roundTripMs,
    packetCount: send.packetCount,
    byteCount: send.byteCount,
    bitrate: send.rate.rate(now),
  };
}

/**
 * What `consumer.dump()` shows of the core.
 * @param targetEncoding that is forwarded or waited for; -1: none
 */
export function dumpConsumer(
  consumer: ReportedConsumer,
  payloadTypes: number[],
  tracedTypes: string[],
  targetEncoding: number,
): object {
  const { settings, send } = consumer;
  return {
    id: consumer.id,
    producerId: consumer.producer.id,
    kind: settings.kind,
    type: settings.type,
    rtpParameters: settings.rtpParameters,
    consumableRtpEncodings: settings.consumableRtpEncodings,
    supportedCodecPayloadTypes: payloadTypes,
    paused: consumer.paused,
    producerPaused: consumer.producerPaused,
    priority: consumer.priority,
    traceEventTypes: tracedTypes,
    preferredLayers: consumer.preferredLayers,
    currentLayers: consumer.currentLayers,
    targetSpatialLayer: targetEncoding,
    rtpStreams: [{ ssrc: send.ssrc, rtxSsrc: send.rtxSsrc, score: send.score }],
  };
}

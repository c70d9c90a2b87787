import { type CoreEnvironment } from './environment.js';
import { type ProducerEncoding } from './producer-encoding.js';
import { type ReceiveStream } from '../stream/receive-stream.js';

/** One of mediasoup's producer scores. */
export interface EncodingScore {
  encodingIdx: number;
  ssrc: number;
  rid?: string;
  score: number;
}

/** Of the encodings that have ever come. */
export function encodingScores(encodings: readonly ProducerEncoding[]): EncodingScore[] {
  return received(encodings).map(({ encoding, stream }) => ({
    encodingIdx: encoding.index,
    ssrc: stream.ssrc,
    rid: encoding.parameters.rid,
    score: encoding.score,
  }));
}

export function streamDumps(encodings: readonly ProducerEncoding[]): object[] {
  return received(encodings).map(({ encoding, stream }) => ({
    encodingIdx: encoding.index,
    ssrc: stream.ssrc,
    rtxSsrc: stream.rtxSsrc || undefined,
    rid: encoding.parameters.rid,
    mappedSsrc: encoding.mappedSsrc,
    score: encoding.score,
  }));
}

/**
 * mediasoup's `RtpStreamRecvStats`, and beside them what tells a person why a picture stands still:
 * `framesReceived`, `framesPerSecond`, `keyFramesReceived`, `repairsGivenUp` (gaps that took a key frame to end).
 * Jitter is in clock ticks, bitrates in bps, the round trip in milliseconds.
 */
export function streamStats(
  now: number,
  kind: 'audio' | 'video',
  encodings: readonly ProducerEncoding[],
  roundTripTime: number,
  { wallClockOffset }: CoreEnvironment,
): object[] {
  return received(encodings).map(({ encoding, stream }) => ({
    type: 'inbound-rtp',
    timestamp: Math.round(wallClockOffset + now),
    ssrc: stream.ssrc,
    rtxSsrc: stream.rtxSsrc || undefined,
    rid: stream.rid,
    kind,
    mimeType: stream.mimeType,
    packetsLost: stream.statistics.cumulativeLost,
    fractionLost: stream.statistics.fractionLost,
    jitter: stream.statistics.jitter,
    packetsDiscarded: stream.packetsDiscarded,
    packetsRetransmitted: stream.packetsRepaired + stream.rtxPacketsDiscarded,
    packetsRepaired: stream.packetsRepaired,
    rtxPacketsDiscarded: stream.rtxPacketsDiscarded,
    nackCount: stream.nack?.nackCount ?? 0,
    nackPacketCount: stream.nack?.nackedPackets ?? 0,
    pliCount: encoding.pliCount,
    firCount: 0,
    score: encoding.score,
    roundTripTime,
    packetCount: stream.packetCount,
    byteCount: stream.byteCount,
    bitrate: stream.rate.rate(now),
    bitrateByLayer: encoding.rates.byLayer(now),
    ...(kind === 'video' && {
      framesReceived: stream.frameCount,
      framesPerSecond: Math.round(stream.frameRate.perSecond(now) * 10) / 10,
      keyFramesReceived: encoding.keyFramesReceived,
      repairsGivenUp: stream.nack?.givenUp ?? 0,
    }),
  }));
}

function received(
  encodings: readonly ProducerEncoding[],
): { encoding: ProducerEncoding; stream: ReceiveStream }[] {
  return encodings.flatMap((encoding) =>
    encoding.stream === null ? [] : [{ encoding, stream: encoding.stream }],
  );
}

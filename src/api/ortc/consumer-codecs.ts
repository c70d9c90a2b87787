import { isRed } from '../../rtp/codecs/red.js';
import { type RtcpFeedback } from '../../rtp/rtp-parameters.js';
import { matchCodecs } from './match-codecs.js';
import {
  type NormalizedRtpCapabilities,
  type NormalizedRtpCodecCapability,
  type NormalizedRtpCodecParameters,
  type NormalizedRtpParameters,
} from './normalized.js';
import { isRtx } from './validate-rtp-codecs.js';

/**
 * The consumable codecs that the remote endpoint takes, with the feedback that it wants; each is followed by its
 * RTX codec if RTX is enabled and the endpoint has RTX for that very codec. RED alone, without what is inside it, is
 * of no use; an endpoint without RED gets what is inside it.
 */
export function selectConsumerCodecs(
  consumable: NormalizedRtpParameters,
  remote: NormalizedRtpCapabilities,
  enableRtx: boolean,
): NormalizedRtpCodecParameters[] {
  const codecs = consumable.codecs
    .filter((codec) => !isRtx(codec))
    .flatMap((codec) => {
      const matches = remote.codecs.filter((candidate) => matchCodecs(candidate, codec, { strict: true }));
      if (matches.length === 0) {
        return [];
      }
      const rtcpFeedback = withoutNackUnless(enableRtx, matches[0].rtcpFeedback);
      const rtx =
        enableRtx && hasRtxFor(matches, remote) ? findRtx(consumable, codec.payloadType) : undefined;
      return rtx ? [{ ...codec, rtcpFeedback }, rtx] : [{ ...codec, rtcpFeedback }];
    });
  return codecs.every(isRed) ? [] : codecs;
}

/** Without retransmission a NACK is of no use; `nack pli` is another matter and stays. */
export function withoutNackUnless(enableRtx: boolean, rtcpFeedback: RtcpFeedback[]): RtcpFeedback[] {
  return rtcpFeedback.filter(({ type, parameter }) => enableRtx || type !== 'nack' || parameter);
}

function hasRtxFor(matches: NormalizedRtpCodecCapability[], remote: NormalizedRtpCapabilities): boolean {
  return remote.codecs.some(
    (rtx) =>
      isRtx(rtx) && matches.some(({ preferredPayloadType }) => preferredPayloadType === rtx.parameters.apt),
  );
}

function findRtx(
  consumable: NormalizedRtpParameters,
  payloadType: number,
): NormalizedRtpCodecParameters | undefined {
  return consumable.codecs.find((codec) => isRtx(codec) && codec.parameters.apt === payloadType);
}

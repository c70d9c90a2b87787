import { type RtpCodecParameters } from '../rtp/rtp-parameters.js';

/** Codecs that carry other codecs' packets, or repair them. */
const CARRIERS = /\/(rtx|red|ulpfec|flexfec-03)$/i;

/** The codec that a decoder is made for. @throws TypeError when there is none */
export function mediaCodec(codecs: readonly RtpCodecParameters[]): RtpCodecParameters {
  const codec = codecs.find((entry) => !CARRIERS.test(entry.mimeType));
  if (codec === undefined) throw new TypeError('rtpParameters.codecs has no media codec, only RTX');
  return codec;
}

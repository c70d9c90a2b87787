import { type RtpEncodingParameters } from '../rtp/rtp-parameters.js';
import { type LayerRates } from './layer-rates.js';

/** What is known of an encoding; ProducerEncoding is one. */
interface Priced {
  readonly index: number;
  readonly rates: LayerRates;
  readonly parameters: RtpEncodingParameters;
}

/** bps of the lowest of several layers, when nothing at all is known (what browsers choose for 320x180). */
const LOWEST_BITRATE = 150_000;
/** bps of a stream without layers, when nothing at all is known. */
const SINGLE_BITRATE = 500_000;
/** What the next higher layer costs, when its size is not known. */
const LAYER_FACTOR = 3;

/**
 * What an encoding would cost if it were sent now: what it cost when it was last sent, what its sender announced as its
 * limit, or a guess from the nearest encoding of which one of these is known.
 * @returns bps
 */
export function expectedBitrate(encodings: readonly Priced[], index: number): number {
  const own = known(encodings[index]);
  if (own > 0) return own;
  for (let distance = 1; distance < encodings.length; distance++) {
    for (const neighbour of [encodings[index - distance], encodings[index + distance]]) {
      if (neighbour === undefined || known(neighbour) === 0) continue;
      return Math.round(known(neighbour) * sizeRatio(encodings[index], neighbour));
    }
  }
  return encodings.length === 1 ? SINGLE_BITRATE : LOWEST_BITRATE * LAYER_FACTOR ** index;
}

function known({ rates, parameters }: Priced): number {
  return rates.remembered || parameters.maxBitrate || 0;
}

/** Four times for twice the width and height; without sizes, a factor for each layer between the two. */
function sizeRatio(wanted: Priced, neighbour: Priced): number {
  const own = wanted.parameters.scaleResolutionDownBy;
  const other = neighbour.parameters.scaleResolutionDownBy;
  if (own !== undefined && other !== undefined && own > 0 && other > 0 && own !== other) {
    return (other / own) ** 2;
  }
  return LAYER_FACTOR ** (wanted.index - neighbour.index);
}

/** How a camera is sent when the page does not say: sizes, bitrates and layers. */
import type { VideoLayer } from '../signalling/messages.js';

/** Bits per second for a 1280x720 picture with 30 pictures per second; smaller pictures get their share. */
const REFERENCE_BITRATE = 1_700_000;
const REFERENCE_PIXELS = 1280 * 720;

/** Bits per pixel must grow as pictures shrink: a quarter of the pixels needs a little more than a quarter of the bits. */
const BITRATE_EXPONENT = 0.8;
const MIN_BITRATE = 80_000;

/** From which length of the longer side, pixels, Chromium sends so many encodings; of a smaller picture one. */
const THREE_LAYERS_FROM = 960;
const TWO_LAYERS_FROM = 480;

/**
 * Simulcast encodings for a camera picture, lowest first: each half as wide as the next, each with three temporal
 * layers. Never more than the browser would send of this size, so that none is waited for in vain.
 */
export function simulcastEncodings(width: number, height: number): RTCRtpEncodingParameters[] {
  const long = Math.max(width, height);
  const scales = long >= THREE_LAYERS_FROM ? [4, 2, 1] : long >= TWO_LAYERS_FROM ? [2, 1] : [1];
  if (scales.length === 1) return [{ maxBitrate: videoBitrate(width, height) }];
  return scales.map((scaleResolutionDownBy, index) => ({
    rid: `r${index}`,
    scaleResolutionDownBy,
    scalabilityMode: 'L1T3',
    maxBitrate: videoBitrate(width / scaleResolutionDownBy, height / scaleResolutionDownBy),
  }));
}

/** A bitrate, bps, at which a moving picture of this size looks good. */
export function videoBitrate(width: number, height: number): number {
  const share = (width * height) / REFERENCE_PIXELS;
  return Math.max(MIN_BITRATE, Math.round((REFERENCE_BITRATE * share ** BITRATE_EXPONENT) / 1000) * 1000);
}

/** The picture sizes of what is sent, by spatial layer, lowest first; undefined when the track does not tell its size. */
export function videoLayersOf(
  track: MediaStreamTrack,
  encodings: readonly RTCRtpEncodingParameters[] = [],
): VideoLayer[] | undefined {
  const { width, height } = track.getSettings();
  if (track.kind !== 'video' || !width || !height) return undefined;
  const scaled = (by: number): VideoLayer => ({
    width: Math.max(1, Math.round(width / by)),
    height: Math.max(1, Math.round(height / by)),
  });
  if (encodings.length > 1)
    return encodings.map(({ scaleResolutionDownBy = 1 }) => scaled(scaleResolutionDownBy));
  // One stream with layers inside, such as L3T3_KEY: each half as wide as the next.
  const { scalabilityMode = '', scaleResolutionDownBy = 1 } = (encodings[0] ?? {}) as {
    scalabilityMode?: string;
    scaleResolutionDownBy?: number;
  };
  const spatialLayers = Number(/^[LS]([1-9])T/.exec(scalabilityMode)?.[1] ?? 1);
  return Array.from({ length: spatialLayers }, (_, layer) =>
    scaled(scaleResolutionDownBy * 2 ** (spatialLayers - 1 - layer)),
  );
}

/** A picture may be stretched by so much before the next larger one is worth its bits. */
const STRETCH = 1.25;

/** The lowest layer that looks sharp in a place of this size, pixels of the screen. */
export function layerForSize(layers: readonly VideoLayer[], width: number, height: number): number {
  const place = Math.max(width, height);
  const fitting = layers.findIndex((layer) => Math.max(layer.width, layer.height) * STRETCH >= place);
  return fitting < 0 ? layers.length - 1 : fitting;
}

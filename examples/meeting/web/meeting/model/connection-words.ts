import type { ConnectionQuality, ReceivedTrackStats, SentTrackStats } from 'sluss/client';
import { texts } from '../../service/texts/texts.js';

/** One line of the details panel: what, and how much. */
export interface Fact {
  label: string;
  value: string;
}

const words = () => texts.value.meeting.connection;

/** "Fair: packets are lost on the way here" */
export function qualityText({ level, reasons }: ConnectionQuality): string {
  const told = reasons.map((reason) => words().reasons[reason]).join(', ');
  return told === '' ? words().levels[level] : `${words().levels[level]}: ${told}`;
}

/** Bits per second, to two places: 85 kbit/s, 1.2 Mbit/s. */
export function bitrateText(bitrate: number): string {
  return bitrate < 1_000_000
    ? `${Math.round(bitrate / 1000)} kbit/s`
    : `${(bitrate / 1_000_000).toFixed(1)} Mbit/s`;
}

/** A share of 0-1 in percent, with a decimal while it is small. */
export function shareText(share: number): string {
  const percent = share * 100;
  return percent > 0 && percent < 10 ? `${percent.toFixed(1)} %` : `${Math.round(percent)} %`;
}

export function receivedFacts(track: ReceivedTrackStats): Fact[] {
  const { layers } = track;
  return known([
    [words().bitrate, track.bitrate, bitrateText],
    [words().picture, pictureText(track), String],
    [
      words().layer,
      layers === null
        ? words().noLayer
        : layers && words().layerOf(layers.spatialLayer, layers.temporalLayer),
      String,
    ],
    [words().loss, track.loss, shareText],
    [words().jitter, track.jitterMs, milliseconds],
    [words().freezes, track.source === 'microphone' ? undefined : track.freezeCount, String],
    [words().concealed, track.source === 'microphone' ? track.concealed : undefined, shareText],
    [words().codec, track.codec, String],
  ]);
}

export function sentFacts(track: SentTrackStats): Fact[] {
  const { active, all } = track.encodings;
  return known([
    [words().bitrate, track.bitrate, bitrateText],
    [words().picture, pictureText(track), String],
    [words().encodings, all > 1 ? words().encodingsOf(active, all) : undefined, String],
    [words().loss, track.loss, shareText],
    [words().codec, track.codec, String],
  ]);
}

export function wayFacts(way: { bitrate?: number; loss?: number; available?: number }): Fact[] {
  return known([
    [words().bitrate, way.bitrate, bitrateText],
    [words().available, way.available, bitrateText],
    [words().loss, way.loss, shareText],
  ]);
}

export function roundTripFacts(roundTripMs: number | undefined): Fact[] {
  return known([[words().roundTrip, roundTripMs, milliseconds]]);
}

function pictureText({
  width,
  height,
  framesPerSecond,
}: ReceivedTrackStats | SentTrackStats): string | undefined {
  if (width === undefined || height === undefined) return undefined;
  return words().pictureOf(width, height, Math.round(framesPerSecond ?? 0));
}

function milliseconds(value: number): string {
  return `${Math.round(value)} ms`;
}

function known(rows: [label: string, value: unknown, write: (value: never) => string][]): Fact[] {
  return rows.flatMap(([label, value, write]) =>
    value === undefined ? [] : [{ label, value: write(value as never) }],
  );
}

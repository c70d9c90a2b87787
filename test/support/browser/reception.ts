import type { types } from 'sluss';
import type { LinkCounters } from '../impairment/impaired-link.js';
import type { Sample } from './media-page.js';

/** One look at a viewer. The lists are in the same order in every row. */
export interface TimelineRow {
  /** Milliseconds since it joined. */
  at: number;
  video: Sample[];
  audio: Sample[];
  layers: (types.ConsumerLayers | undefined)[];
  /** What the server believes to be available to this viewer, in bps. */
  estimate: number;
  /** At the bottleneck, in ms. */
  queueTime: number;
  link: LinkCounters;
}

export interface Reception {
  name: string;
  seconds: number;
  /** Of each picture, in the settled part: the width that was shown for the longest time. */
  widths: number[];
  /** Of each picture, in the settled part: decoded pictures per second. */
  frameRates: number[];
  /** Of each picture, from the beginning. */
  freezes: number[];
  freezeSeconds: number;
  /** Of all pictures, from the beginning. */
  freezesPerMinute: number;
  /** Per cent of the samples heard that were invented, from the beginning. */
  concealed: number;
  /** Milliseconds that a picture waited in the jitter buffer, mean of all. */
  jitterBuffer: number;
  /** Mean of the settled part, in bps. */
  estimate: number;
  /** The longest queue at the bottleneck in the settled part, in ms. */
  queueTime: number;
}

/** What one person's picture and voice did between two looks. */
export interface Change {
  width: number;
  /** Decoded pictures per second. */
  frameRate: number;
  freezes: number;
  keyFrames: number;
  /** Per cent. */
  concealed: number;
}

/** @param index of the person, in the order of the lists */
export function change(from: TimelineRow, to: TimelineRow, index: number): Change {
  const [videoFrom, videoTo] = [from.video[index], to.video[index]];
  const [audioFrom, audioTo] = [from.audio[index], to.audio[index]];
  const heard = audioTo.totalSamplesReceived - audioFrom.totalSamplesReceived;
  return {
    width: videoTo.frameWidth,
    frameRate: ((videoTo.framesDecoded - videoFrom.framesDecoded) * 1000) / (videoTo.at - videoFrom.at),
    freezes: videoTo.freezeCount - videoFrom.freezeCount,
    keyFrames: videoTo.keyFramesDecoded - videoFrom.keyFramesDecoded,
    concealed: heard === 0 ? 100 : (100 * (audioTo.concealedSamples - audioFrom.concealedSamples)) / heard,
  };
}

export function summarize(name: string, timeline: readonly TimelineRow[], settledMs: number): Reception {
  const last = timeline.at(-1)!;
  const settled = timeline.filter(({ at }) => at >= last.at - settledMs);
  const [first] = settled;
  const freezes = last.video.map(({ freezeCount }) => freezeCount);
  const heard = sum(last.audio, 'totalSamplesReceived');
  return {
    name,
    seconds: last.at / 1000,
    widths: last.video.map((_, index) => mostFrequent(settled.map(({ video }) => video[index].frameWidth))),
    frameRates: last.video.map((_, index) => change(first, last, index).frameRate),
    freezes,
    freezeSeconds: sum(last.video, 'totalFreezesDuration'),
    freezesPerMinute: (freezes.reduce((all, one) => all + one, 0) * 60_000) / last.at,
    concealed: heard === 0 ? 100 : (100 * sum(last.audio, 'concealedSamples')) / heard,
    jitterBuffer:
      (1000 * sum(last.video, 'jitterBufferDelay')) /
      Math.max(1, sum(last.video, 'jitterBufferEmittedCount')),
    estimate: settled.reduce((all, { estimate }) => all + estimate, 0) / settled.length,
    queueTime: Math.max(...settled.map(({ queueTime }) => queueTime)),
  };
}

/** As a Markdown table, to be pasted into the documentation. */
export function receptionTable(receptions: readonly Reception[]): string[] {
  const head =
    '| network | width | pictures/s | freezes/min | frozen | audio concealed | estimate | queue, longest |';
  const lines = receptions.map((one) => {
    const cells = [
      one.name,
      one.widths.join(', '),
      one.frameRates.map((rate) => rate.toFixed(1)).join(', '),
      one.freezesPerMinute.toFixed(1),
      `${one.freezeSeconds.toFixed(1)} s`,
      `${one.concealed.toFixed(1)}%`,
      `${(one.estimate / 1000).toFixed(0)} kbps`,
      `${one.queueTime.toFixed(0)} ms`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [head, '|---|---|---|---|---|---|---|---|', ...lines];
}

function sum(samples: readonly Sample[], name: Exclude<keyof Sample, 'consumerId' | 'kind'>): number {
  return samples.reduce((all, sample) => all + sample[name], 0);
}

function mostFrequent(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0][0];
}

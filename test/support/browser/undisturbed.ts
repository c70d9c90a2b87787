import type { Test } from 'tap';
import { MachineClock, type Span } from './machine-clock.js';
import type { Freeze, MediaRecord } from './media-record.js';
import type { MeetingPage, Watched } from './meeting-page.js';

const ATTEMPTS = 3;
/** From the camera to the screen of somebody else, when the machine is busy. */
const PIPELINE_MS = 300;
/** What a picture has to spare between its camera and the screen of somebody else: a shorter stall freezes nothing. */
const STALL_MS = 100;
/** How long a late packet may take to make a sender's estimate fall. */
const ESTIMATE_MS = 1_000;
/** One picture and a little: how much later than the last picture a sender may seem to have held back the next one. */
const PICTURE_MS = 100;

/** What happened that no server has a part in, each told by whoever saw it. */
export interface Evidence {
  /** The machine itself, see MachineClock. */
  stalls: readonly Span[];
  /** By name. */
  records: ReadonlyMap<string, MediaRecord>;
}

/** What somebody saw of somebody else. */
export interface Sight {
  viewer: string;
  name: string;
  /** By the browser's own count. */
  freezes: number;
}

export interface Play<R> {
  /** Waits for what an attempt begins with. */
  ready: () => Promise<void>;
  play: () => Promise<R>;
  sights: (result: R) => Sight[];
}

/**
 * Plays once more, when pictures stood still and every single freeze is explained by what was measured apart from the
 * server at that very time: a machine that stood still, a camera that gave no pictures, or a browser that had begun to hold
 * back its camera before the picture stopped. A freeze without such a reason is put down to the server, and the attempt
 * counts; so does the last one, whatever was measured.
 *
 * A server that stands still looks like a narrow network and makes browsers hold back, too. So that counts only when the
 * machine was late just before it began, if only by so little that nothing froze at once.
 *
 * @param pages all of them see pictures of all others by now
 */
export async function playUndisturbed<R>(
  t: Test,
  pages: readonly MeetingPage[],
  { ready, play, sights }: Play<R>,
): Promise<R> {
  const clock = await MachineClock.start(t);
  for (const page of pages) await page.startRecord();
  for (let attempt = 1; ; attempt++) {
    await ready();
    const begun = Date.now();
    const result = await play();
    const during = { from: begun, to: Date.now() };
    const seen = sights(result);
    if (seen.every(({ freezes }) => freezes === 0)) return result;
    const records = new Map<string, MediaRecord>();
    for (const page of pages) records.set(page.name, await page.readRecord());
    const evidence = { stalls: clock.stallsSince(0), records };
    const explained = seen.map((sight) => isExplained(t, sight, during, evidence));
    if (explained.includes(false)) return result;
    if (attempt === ATTEMPTS) {
      t.comment('disturbed to the end: run this file alone on a machine with nothing else to do');
      return result;
    }
    t.comment('each freeze has a reason: once more');
  }
}

/** Everyone watches all others, again if disturbed. */
export async function watchUndisturbed(
  t: Test,
  pages: readonly MeetingPage[],
  encodings: number,
  watchMs: number,
): Promise<Watched[][]> {
  return playUndisturbed(t, pages, {
    async ready() {
      for (const page of pages) await page.waitForEncodings(encodings);
    },
    play: () =>
      Promise.all(
        pages.map((page) => {
          const others = pages.filter((other) => other !== page);
          return page.watch(
            others.map(({ name }) => name),
            watchMs,
          );
        }),
      ),
    sights: (watched) =>
      watched.flatMap((list, index) =>
        list.map(({ name, freezes }) => ({ viewer: pages[index].name, name, freezes })),
      ),
  });
}

function isExplained(t: Test, { viewer, name, freezes }: Sight, during: Span, evidence: Evidence): boolean {
  // What is recorded may have been counted just before.
  if (freezes === 0) return true;
  const recorded = evidence.records.get(viewer)!.freezes;
  const seen = recorded.filter(
    ({ peer, from, to }) => peer === name && to >= during.from && from <= during.to,
  );
  const reasons = seen.map((freeze) => reasonFor(freeze, evidence));
  for (const [index, { from, to }] of seen.entries()) {
    t.comment(
      `after ${((from - during.from) / 1000).toFixed(1)} s ${viewer} saw ${name} stand still for ${to - from} ms: ` +
        (reasons[index] ?? 'nothing measured but the freeze'),
    );
  }
  // What was counted and not recorded cannot be explained either.
  return seen.length >= freezes && !reasons.includes(null);
}

/** Null when nothing was measured that explains it. */
export function reasonFor(freeze: Freeze, { stalls, records }: Evidence): string | null {
  const begins = freeze.from - PIPELINE_MS;
  const during = ({ from, to }: Span): boolean => to >= begins && from <= freeze.to;
  const tell = ({ from, to }: Span): string => `${(to - from).toFixed(0)} ms`;
  const stall = stalls.find((span) => span.to - span.from >= STALL_MS && during(span));
  if (stall !== undefined) return `the machine stood still for ${tell(stall)}`;
  const { cameraGaps, heldBack } = records.get(freeze.peer)!;
  const gap = cameraGaps.find(during);
  if (gap !== undefined) return `the camera gave no picture for ${tell(gap)}`;
  const held = heldBack.find(({ from, to }) => to >= begins && from <= freeze.from + PICTURE_MS);
  if (held === undefined) return null;
  const since = beginOf(held, heldBack);
  const cause = stalls.find(({ from, to }) => to >= since - ESTIMATE_MS && from <= since);
  return cause === undefined
    ? null
    : `the sender held back its camera after the machine was ${tell(cause)} late`;
}

/** The record holds a span for each look; those that touch are one. */
function beginOf({ from }: Span, spans: readonly Span[]): number {
  const earlier = spans.find((span) => span.from < from && span.to >= from - PICTURE_MS);
  return earlier === undefined ? from : beginOf(earlier, spans);
}

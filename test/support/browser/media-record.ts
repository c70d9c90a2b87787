/** Functions that run inside a meeting page and keep a record of what happened when. They may use nothing from outside. */
import type { Span } from './machine-clock.js';

/** A picture that stood still on the screen, by the browser's own count of freezes. */
export interface Freeze extends Span {
  /** Whose camera it is. */
  peer: string;
}

/** Everything since `startRecord()`. */
export interface MediaRecord {
  freezes: Freeze[];
  /** Longer than usual between two pictures as this page's camera took them, before any encoder. */
  cameraGaps: Span[];
  /** When the browser sent less of its camera than it wanted to, for lack of estimated bandwidth or of processor time. */
  heldBack: Span[];
}

interface RecordingWindow {
  mediaRecord: MediaRecord;
  /** Brings the record up to this moment. */
  mediaLook(): Promise<void>;
  sluss: {
    client: {
      peers: ReadonlyMap<
        string,
        {
          displayName: string;
          tracks: ReadonlyMap<string, { source: string; consumer: { getStats(): Promise<RTCStatsReport> } }>;
        }
      >;
      localTracks: ReadonlyMap<
        string,
        { producer: { track: MediaStreamTrack; getStats(): Promise<RTCStatsReport> } }
      >;
    };
  };
}

/** Of Chromium; TypeScript does not know it. */
declare class MediaStreamTrackProcessor {
  constructor(init: { track: MediaStreamTrack });
  readonly readable: ReadableStream<{ timestamp: number; close(): void }>;
}

/** Once, when all cameras are seen. */
export function startRecord(): void {
  const page = window as unknown as RecordingWindow;
  const { client } = page.sluss;
  const record: MediaRecord = { freezes: [], cameraGaps: [], heldBack: [] };
  page.mediaRecord = record;
  const camera = client.localTracks.get('camera')!.producer;

  const watchCamera = async (): Promise<void> => {
    const pictures = new MediaStreamTrackProcessor({ track: camera.track.clone() }).readable.getReader();
    for (let last = Infinity; ;) {
      const { value, done } = await pictures.read();
      if (done) return;
      const gap = (value.timestamp - last) / 1000;
      last = value.timestamp;
      value.close();
      if (gap >= 150) record.cameraGaps.push({ from: Date.now() - gap, to: Date.now() });
    }
  };

  let held: number | null = null;
  const lookAtSender = async (): Promise<void> => {
    const report = await camera.getStats();
    const to = Date.now();
    let most = 0;
    report.forEach((entry: { type: string; qualityLimitationDurations?: Record<string, number> }) => {
      const { bandwidth = 0, cpu = 0 } = entry.qualityLimitationDurations ?? {};
      most = Math.max(most, (bandwidth + cpu) * 1000);
    });
    if (held !== null && most > held) record.heldBack.push({ from: to - (most - held), to });
    held = most;
  };

  /** Of one person: the spans between pictures on the screen since the last look, the last picture, the browser's count. */
  const shown = new Map<string, { gaps: Span[]; last: number; freezes: number | null }>();
  for (const { displayName } of client.peers.values()) {
    const one = { gaps: [] as Span[], last: Date.now(), freezes: null };
    shown.set(displayName, one);
    const tile = [...document.querySelectorAll('.tile')].find(
      (some) => some.querySelector('.tile-name')?.textContent === displayName,
    );
    const video = tile!.querySelector('video')!;
    const look = (): void => {
      const now = Date.now();
      one.gaps.push({ from: one.last, to: now });
      one.last = now;
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  }
  const lookAtReceivers = async (): Promise<void> => {
    for (const { displayName, tracks } of client.peers.values()) {
      const consumer = [...tracks.values()].find(({ source }) => source === 'camera')?.consumer;
      const one = shown.get(displayName);
      if (consumer === undefined || one === undefined) continue;
      const report = await consumer.getStats();
      report.forEach((entry: { type: string; freezeCount?: number }) => {
        if (entry.type !== 'inbound-rtp') return;
        const freezes = entry.freezeCount ?? 0;
        // The longest ones since the last look. The browser counts one as it ends, maybe before this script hears of it.
        const now = Date.now();
        const spans = [...one.gaps, { from: one.last, to: now }];
        const longest = spans.toSorted((a, b) => b.to - b.from - (a.to - a.from));
        const counted = longest.slice(0, freezes - (one.freezes ?? freezes));
        record.freezes.push(...counted.map(({ from, to }) => ({ peer: displayName, from, to })));
        one.freezes = freezes;
        // The count may be older than this moment: what has just ended can still be told of at the next look.
        one.gaps = one.gaps.filter((gap) => gap.to > now - 400 && !counted.includes(gap));
      });
    }
  };

  page.mediaLook = async () => {
    await lookAtSender();
    await lookAtReceivers();
  };
  const keepLooking = (): void => {
    void page.mediaLook().then(() => setTimeout(keepLooking, 250));
  };
  void watchCamera();
  keepLooking();
}

export async function readRecord(): Promise<MediaRecord> {
  const page = window as unknown as RecordingWindow;
  await page.mediaLook();
  return page.mediaRecord;
}

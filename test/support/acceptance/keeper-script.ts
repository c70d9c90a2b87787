/** Runs in a page before its own script: keeps what worker-tap.ts shows, and tries kept keys on sealed frames. */
import { openFrame, splitFrame } from '../../../src/client/e2ee/frame-crypto.js';
import { senderKey } from '../../../src/client/e2ee/room-secret.js';
import type { EpochKeys } from '../../../src/client/e2ee/worker-messages.js';
import type { Shown } from './worker-tap.js';

export interface Keeper {
  /** How many keys this page was ever given. */
  keys(): number;
  /** What its encoder made for this source, the newest few hundred. */
  encoded(source: string): number[][];
  /** Tries every key that was ever given, for every member; null: none of them opens the frame. */
  open(frames: number[][]): Promise<(number[] | null)[]>;
}

const KEPT_FRAMES = 600;
const epochs = new Map<number, EpochKeys>();
const frames: { source: string; frame: Uint8Array }[] = [];

new BroadcastChannel('shown').onmessage = ({ data }: MessageEvent<Shown>) => {
  if ('epochs' in data) for (const epoch of data.epochs) epochs.set(epoch.keyId, epoch);
  else if (frames.push(data) > KEPT_FRAMES) frames.shift();
};

const keeper: Keeper = {
  keys: () => epochs.size,
  encoded: (source) => frames.filter((one) => one.source === source).map(({ frame }) => [...frame]),
  async open(sealedFrames) {
    const pairs = [...epochs.values()].flatMap(({ roomKey, members }) =>
      members.map((member) => senderKey(roomKey, 'frame', member)),
    );
    const keys = await Promise.all(pairs);
    return Promise.all(sealedFrames.map((frame) => openWith(keys, Uint8Array.from(frame))));
  },
};

async function openWith(keys: readonly CryptoKey[], frame: Uint8Array): Promise<number[] | null> {
  const sealed = splitFrame(frame);
  if (!sealed) return null;
  for (const key of keys) {
    const opened = await openFrame(key, sealed).catch(() => null);
    if (opened) return [...opened];
  }
  return null;
}

Object.assign(window, { keeper });

import { signal } from '@preact/signals';
import type { RemotePeer, RemoteTrack } from 'sluss/client';

/** One track of another person as the page shows it. */
export interface ShownTrack {
  id: string;
  track: MediaStreamTrack;
  paused: boolean;
  /** When consume() was called for it, on the clock of performance.now(). */
  consumedAt: number;
}

/** Another person in the meeting, as signals that the tiles follow. */
export class Participant {
  readonly microphone = signal<ShownTrack | null>(null);
  readonly camera = signal<ShownTrack | null>(null);
  readonly screen = signal<ShownTrack | null>(null);

  constructor(private readonly peer: RemotePeer) {
    this.refresh();
  }

  get id(): string {
    return this.peer.id;
  }

  get name(): string {
    return this.peer.displayName;
  }

  /** Takes over what the client knows of this person's tracks. */
  refresh(): void {
    for (const source of ['microphone', 'camera', 'screen'] as const) {
      let found: RemoteTrack | undefined;
      for (const track of this.peer.tracks.values()) if (track.source === source) found = track;
      const shown = this[source];
      if (found === undefined) {
        shown.value = null;
      } else if (shown.value?.track !== found.track || shown.value.paused !== found.paused) {
        const { id, track, paused, consumedAt } = found;
        shown.value = { id, track, paused, consumedAt };
      }
    }
  }
}

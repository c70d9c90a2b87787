import { computed, signal } from '@preact/signals';
import type { RemotePeer, RemoteTrack } from 'sluss/client';
import { type Assurance, MEETING_ROLES, type MeetingRole } from '../../../shared/api.js';

const ASSURANCES: readonly Assurance[] = ['low', 'substantial', 'high'];

/** One track of another person as the page shows it. */
export interface ShownTrack {
  id: string;
  track: MediaStreamTrack;
  paused: boolean;
  /** False: the server has nothing to send of it just now, for lack of bandwidth. */
  forwarded: boolean;
  /** When consume() was called for it, on the clock of performance.now(). */
  consumedAt: number;
  setDisplaySize: (width: number, height: number) => void;
}

/** Another person in the meeting, as signals that the tiles follow. */
export class Participant {
  readonly microphone = signal<ShownTrack | null>(null);
  readonly camera = signal<ShownTrack | null>(null);
  readonly screen = signal<ShownTrack | null>(null);
  /** What this person has on, whether it is received here or not. */
  readonly live = signal({ cameraLive: false, microphoneLive: false });
  /** When the hand went up; null: it is down. */
  readonly handRaisedAt = signal<number | null>(null);
  readonly received = computed(
    () => this.microphone.value !== null || this.camera.value !== null || this.screen.value !== null,
  );

  constructor(private readonly peer: RemotePeer) {
    this.refresh();
  }

  get id(): string {
    return this.peer.id;
  }

  /** The same after a reconnect of that person, where the service tells who it is. */
  get key(): string {
    return this.peer.participantId ?? this.peer.id;
  }

  get participantId(): string | undefined {
    return this.peer.participantId;
  }

  get name(): string {
    return this.peer.displayName;
  }

  get role(): MeetingRole {
    const { role } = this.peer.info;
    return MEETING_ROLES.find((known) => known === role) ?? 'participant';
  }

  /** How surely the service knows who this is; null: not told. */
  get assurance(): Assurance | null {
    const { assurance } = this.peer.info;
    return ASSURANCES.find((known) => known === assurance) ?? null;
  }

  /** Takes over what the client knows of this person's tracks. */
  refresh(): void {
    this.handRaisedAt.value = this.peer.handRaisedAt;
    for (const source of ['microphone', 'camera', 'screen'] as const) {
      const found = this.#track(source);
      const shown = this[source];
      if (found === undefined) {
        shown.value = null;
        continue;
      }
      const { id, track, paused, consumedAt } = found;
      const forwarded = found.layers !== null;
      const { value } = shown;
      if (value?.track === track && value.paused === paused && value.forwarded === forwarded) continue;
      const setDisplaySize = found.setDisplaySize.bind(found);
      // Until a view says how large it shows it: a second screen, or a face too many, has none.
      if (value?.id !== id && source !== 'microphone') setDisplaySize(0, 0);
      shown.value = { id, track, paused, forwarded, consumedAt, setDisplaySize };
    }
    const [cameraLive, microphoneLive] = [this.#isLive('camera'), this.#isLive('microphone')];
    const before = this.live.value;
    if (before.cameraLive !== cameraLive || before.microphoneLive !== microphoneLive) {
      this.live.value = { cameraLive, microphoneLive };
    }
  }

  /** The track tells sooner than the list of what everybody sends. */
  #isLive(source: 'camera' | 'microphone'): boolean {
    const known = this.#track(source) ?? this.peer.sources.get(source);
    return known !== undefined && !known.paused;
  }

  #track(source: RemoteTrack['source']): RemoteTrack | undefined {
    let found: RemoteTrack | undefined;
    for (const track of this.peer.tracks.values()) if (track.source === source) found = track;
    return found;
  }
}

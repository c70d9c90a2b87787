import { signal } from '@preact/signals';
import type { LocalTrack, RoomClient } from 'sluss/client';
import { screenEncoding } from './camera-encodings.js';
import type { Notices } from './notices.js';
import { detailOf } from './plain-error.js';
import { texts } from '../../service/texts/texts.js';

/** This person's shared screen: chosen in the browser's own dialog, ended here or in the browser's bar. */
export class ScreenShare {
  readonly track = signal<MediaStreamTrack | null>(null);
  readonly busy = signal(false);
  #local: LocalTrack | null = null;

  constructor(
    private readonly publish: RoomClient['publish'],
    private readonly notices: Notices,
  ) {}

  get possible(): boolean {
    const devices = navigator.mediaDevices as MediaDevices | undefined;
    return typeof devices?.getDisplayMedia === 'function';
  }

  async toggle(): Promise<void> {
    if (this.busy.value) return;
    if (this.track.value !== null) {
      this.stop();
      return;
    }
    this.busy.value = true;
    try {
      await this.#start();
    } catch (error) {
      // Closing the browser's dialog without choosing is a decision, not a failure.
      const cancelled = error instanceof Error && error.name === 'NotAllowedError';
      if (!cancelled) this.notices.problem(texts.peek().meeting.errors.screenFailed(detailOf(error)));
    } finally {
      this.busy.value = false;
    }
  }

  stop(): void {
    this.track.value?.stop();
    this.track.value = null;
    this.#local?.close();
    this.#local = null;
  }

  async #start(): Promise<void> {
    const stream = await navigator.mediaDevices.getDisplayMedia({
      video: { frameRate: { max: 15 } },
      audio: false,
    });
    const track = stream.getVideoTracks()[0];
    track.contentHint = 'detail';
    this.track.value = track;
    track.addEventListener('ended', () => {
      if (this.track.value === track) this.stop();
    });
    try {
      const local = await this.publish(track, { source: 'screen', encodings: screenEncoding() });
      if (this.track.value === track) this.#local = local;
      else local.close();
    } catch (error) {
      this.stop();
      throw error;
    }
  }
}

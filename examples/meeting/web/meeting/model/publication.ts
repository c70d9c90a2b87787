import type { LocalTrack, RoomClient } from 'sluss/client';

type PublishOptions = Parameters<RoomClient['publish']>[1];

/**
 * Keeps one published source equal to what the person wants: a track, live or paused, or none yet.
 * Changes are carried out one after another and only the newest wish counts, so quick clicks cannot cross.
 */
export class Publication {
  #wanted: { track: MediaStreamTrack | null; live: boolean } = { track: null, live: false };
  #local: LocalTrack | null = null;
  #running: Promise<void> | null = null;

  constructor(
    private readonly client: RoomClient,
    private readonly publish: RoomClient['publish'],
    private readonly optionsFor: (track: MediaStreamTrack) => PublishOptions,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Without a track, or not `live`, what was published is paused and the others see it as off. */
  set(track: MediaStreamTrack | null, live: boolean): void {
    this.#wanted = { track, live };
    this.#running ??= this.#settle().finally(() => (this.#running = null));
  }

  async #settle(): Promise<void> {
    for (;;) {
      const wanted = this.#wanted;
      try {
        await this.#apply(wanted.track, wanted.live);
      } catch (error) {
        if (this.client.state !== 'closed') this.onError(error);
      }
      if (wanted === this.#wanted) return;
    }
  }

  async #apply(track: MediaStreamTrack | null, live: boolean): Promise<void> {
    if (track === null || !live) {
      if (this.#local !== null && !this.#local.paused) await this.#local.pause();
      return;
    }
    // A track that ended by itself (an unplugged device) has closed what was published from it.
    if (this.#local === null || this.#local.closed) {
      this.#local = await this.publish(track, this.optionsFor(track));
      return;
    }
    if (this.#local.track !== track) await this.#local.replaceTrack(track);
    if (this.#local.paused) await this.#local.resume();
  }
}

/** The device of this browser, loaded for the codecs of a room. To load one takes a peer connection, so it is kept. */
import type { Device, types } from 'mediasoup-client';
import { createDevice } from './platform.js';

export class Devices {
  #kept: { capabilities: string; loading: Promise<Device> } | null = null;
  #next: Promise<Device> | null;

  /** `given`: the first to be used, unless it is loaded already. */
  constructor(given: Device | Promise<Device> | undefined) {
    this.#next = given === undefined ? null : Promise.resolve(given);
    // Whoever loads it is told.
    this.#next?.catch(() => {});
  }

  /** Begins with what does not depend on the room's codecs, unless that is done. What goes wrong is told by `load`. */
  prepare(): void {
    if (this.#kept || this.#next) return;
    this.#next = createDevice();
    this.#next.catch(() => {});
  }

  /** Whether the last one was loaded for these. */
  isFor(routerRtpCapabilities: types.RtpCapabilities): boolean {
    return this.#kept?.capabilities === JSON.stringify(routerRtpCapabilities);
  }

  /** Whoever asks twice waits for the same one. Rejects with `unsupported-device`, and then tries again when asked. */
  load(routerRtpCapabilities: types.RtpCapabilities): Promise<Device> {
    if (this.#kept && this.isFor(routerRtpCapabilities)) return this.#kept.loading;
    const kept = {
      capabilities: JSON.stringify(routerRtpCapabilities),
      loading: this.#load(routerRtpCapabilities),
    };
    this.#kept = kept;
    kept.loading.catch(() => {
      if (this.#kept === kept) this.#kept = null;
    });
    return kept.loading;
  }

  async #load(routerRtpCapabilities: types.RtpCapabilities): Promise<Device> {
    const next = await this.#takeNext();
    const device = next && !next.loaded ? next : await createDevice();
    await device.load({ routerRtpCapabilities });
    return device;
  }

  #takeNext(): Promise<Device> | null {
    const next = this.#next;
    this.#next = null;
    return next;
  }
}

/** The device of this browser, loaded for the codecs of a room. To load one takes a peer connection, so it is kept. */
import type { Device, types } from 'mediasoup-client';
import { createDevice } from './platform.js';

export class Devices {
  #kept: { capabilities: string; loading: Promise<Device> } | null = null;

  /** `given`: the first to be used, unless it is loaded already. */
  constructor(private readonly given: Device | undefined) {}

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
    const { given } = this;
    const device = given && !given.loaded ? given : await createDevice();
    await device.load({ routerRtpCapabilities });
    return device;
  }
}

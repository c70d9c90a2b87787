import { batch, signal, type ReadonlySignal } from '@preact/signals';
import { deviceErrorText } from './plain-error.js';
import { texts } from '../texts.js';

export type CaptureState = 'off' | 'starting' | 'on' | 'failed';

/**
 * One camera or one microphone: turned on and off, switched to another device, lost when it is unplugged.
 * The device is closed while off, so that its light goes out.
 */
export class CaptureDevice {
  readonly #state = signal<CaptureState>('off');
  readonly #track = signal<MediaStreamTrack | null>(null);
  readonly #error = signal<string | null>(null);
  readonly #deviceId = signal('');
  /** Counts requests: an answer that comes after a newer request is thrown away. */
  #request = 0;

  /** `label` names the device in messages; `constraints` are asked besides the device's id. */
  constructor(
    readonly kind: 'audio' | 'video',
    readonly label: string,
    private readonly constraints: MediaTrackConstraints,
    deviceId: string,
  ) {
    this.#deviceId.value = deviceId;
  }

  get state(): ReadonlySignal<CaptureState> {
    return this.#state;
  }

  /** The live track while the state is 'on', else null. */
  get track(): ReadonlySignal<MediaStreamTrack | null> {
    return this.#track;
  }

  /** Why it is not on, in words for the person; null when there is nothing to say. */
  get error(): ReadonlySignal<string | null> {
    return this.#error;
  }

  /** The chosen device; '' is the system's default. */
  get deviceId(): ReadonlySignal<string> {
    return this.#deviceId;
  }

  async turnOn(): Promise<void> {
    const request = ++this.#request;
    if (this.#track.value === null) this.#state.value = 'starting';
    this.#error.value = null;
    try {
      const track = await this.#open();
      if (request !== this.#request) {
        track.stop();
        return;
      }
      this.#adopt(track);
    } catch (error) {
      if (request === this.#request) this.#fail(deviceErrorText(this.label, error));
    }
  }

  turnOff(): void {
    this.#request++;
    this.#release();
    this.#state.value = 'off';
    this.#error.value = null;
  }

  dismissError(): void {
    this.#error.value = null;
  }

  /** Chooses another device; opens it at once when one is open now. */
  async use(deviceId: string): Promise<void> {
    this.#deviceId.value = deviceId;
    if (this.#state.value !== 'off') await this.turnOn();
  }

  async #open(): Promise<MediaStreamTrack> {
    // Not there at all on a page from an insecure origin.
    const devices = navigator.mediaDevices as MediaDevices | undefined;
    if (devices === undefined) throw new DOMException(texts.errors.insecure, 'SecurityError');
    const chosen = this.#deviceId.value;
    try {
      return await this.#openOne(devices, chosen === '' ? {} : { deviceId: { exact: chosen } });
    } catch (error) {
      // A remembered device may be gone; the system's default is better than nothing.
      if (chosen === '' || !isDeviceGone(error)) throw error;
      this.#deviceId.value = '';
      return await this.#openOne(devices, {});
    }
  }

  async #openOne(devices: MediaDevices, choice: MediaTrackConstraints): Promise<MediaStreamTrack> {
    const stream = await devices.getUserMedia({ [this.kind]: { ...this.constraints, ...choice } });
    return stream.getTracks()[0];
  }

  #adopt(track: MediaStreamTrack): void {
    const previous = this.#track.value;
    track.addEventListener('ended', () => {
      if (this.#track.value === track) this.#fail(texts.errors.deviceLost(this.label));
    });
    batch(() => {
      this.#track.value = track;
      this.#state.value = 'on';
    });
    previous?.stop();
  }

  #fail(message: string): void {
    batch(() => {
      this.#release();
      this.#state.value = 'failed';
      this.#error.value = message;
    });
  }

  #release(): void {
    const track = this.#track.value;
    this.#track.value = null;
    track?.stop();
  }
}

function isDeviceGone(error: unknown): boolean {
  return error instanceof Error && (error.name === 'OverconstrainedError' || error.name === 'NotFoundError');
}

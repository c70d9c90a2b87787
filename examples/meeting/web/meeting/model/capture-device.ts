import { batch, signal, type ReadonlySignal } from '@preact/signals';

export type CaptureState = 'off' | 'starting' | 'on' | 'failed';

/** Why a device is not on; `insecure`: browsers give devices only to pages from https or localhost. */
export type DeviceTrouble = 'insecure' | 'denied' | 'missing' | 'busy' | 'lost' | 'failed';

/**
 * One camera or one microphone: turned on and off, switched to another device, lost when it is unplugged.
 * The device is closed while off, so that its light goes out.
 */
export class CaptureDevice {
  readonly #state = signal<CaptureState>('off');
  readonly #track = signal<MediaStreamTrack | null>(null);
  readonly #error = signal<DeviceTrouble | null>(null);
  readonly #deviceId = signal('');
  /** Counts requests: an answer that comes after a newer request is thrown away. */
  #request = 0;

  /** `constraints` are asked besides the device's id. */
  constructor(
    readonly kind: 'audio' | 'video',
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

  /** Why it is not on; null when there is nothing to say. */
  get error(): ReadonlySignal<DeviceTrouble | null> {
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
      if (request === this.#request) this.#fail(troubleOf(error));
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
    if (devices === undefined) throw new InsecurePage();
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
      if (this.#track.value === track) this.#fail('lost');
    });
    batch(() => {
      this.#track.value = track;
      this.#state.value = 'on';
    });
    previous?.stop();
  }

  #fail(trouble: DeviceTrouble): void {
    batch(() => {
      this.#release();
      this.#state.value = 'failed';
      this.#error.value = trouble;
    });
  }

  #release(): void {
    const track = this.#track.value;
    this.#track.value = null;
    track?.stop();
  }
}

class InsecurePage extends Error {}

/** By the error names that the Media Capture specification gives getUserMedia. */
function troubleOf(error: unknown): DeviceTrouble {
  if (error instanceof InsecurePage) return 'insecure';
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'failed';
  }
}

function isDeviceGone(error: unknown): boolean {
  return error instanceof Error && (error.name === 'OverconstrainedError' || error.name === 'NotFoundError');
}

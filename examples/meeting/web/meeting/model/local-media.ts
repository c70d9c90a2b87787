import { computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import { CaptureDevice } from './capture-device.js';
import type { PageOptions } from './options.js';
import { recall, remember } from './remembered.js';

export interface DeviceChoice {
  id: string;
  /** '' before there is permission: browsers tell no names until then. */
  label: string;
}

/** This person's camera and microphone, before and during the meeting. */
export class LocalMedia {
  readonly camera: CaptureDevice;
  readonly microphone: CaptureDevice;
  /** Muted: the microphone stays open, so that speaking again starts without delay, but sends silence to no one. */
  readonly muted = signal(false);
  readonly cameras: ReadonlySignal<DeviceChoice[]>;
  readonly microphones: ReadonlySignal<DeviceChoice[]>;
  readonly #devices = signal<MediaDeviceInfo[]>([]);

  constructor(options: PageOptions) {
    const { cameraId, microphoneId } = recall();
    const { width, height, frameRate } = options;
    this.camera = new CaptureDevice(
      'video',
      { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: frameRate, max: frameRate } },
      cameraId,
    );
    this.microphone = new CaptureDevice(
      'audio',
      { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
      microphoneId,
    );
    this.cameras = computed(() => choices(this.#devices.value, 'videoinput'));
    this.microphones = computed(() => choices(this.#devices.value, 'audioinput'));
    effect(() => {
      const track = this.microphone.track.value;
      if (track !== null) track.enabled = !this.muted.value;
    });
    this.#watchDevices();
  }

  /** True while the page may ask for devices at all: https or localhost. */
  get available(): boolean {
    return (navigator.mediaDevices as MediaDevices | undefined) !== undefined;
  }

  get microphoneLive(): boolean {
    return this.microphone.track.value !== null && !this.muted.value;
  }

  /** Opens what was on at the last visit. */
  async start(): Promise<void> {
    const { cameraOn, microphoneOn } = recall();
    if (!this.available) return;
    await Promise.all([cameraOn && this.camera.turnOn(), microphoneOn && this.microphone.turnOn()]);
  }

  async toggleCamera(): Promise<void> {
    const on = this.camera.track.value === null;
    remember({ cameraOn: on });
    if (on) await this.camera.turnOn();
    else this.camera.turnOff();
  }

  async toggleMicrophone(): Promise<void> {
    if (this.microphone.track.value === null) {
      this.muted.value = false;
      await this.microphone.turnOn();
    } else {
      this.muted.value = !this.muted.value;
    }
    remember({ microphoneOn: this.microphoneLive });
  }

  async useCamera(id: string): Promise<void> {
    remember({ cameraId: id });
    await this.camera.use(id);
  }

  async useMicrophone(id: string): Promise<void> {
    remember({ microphoneId: id });
    await this.microphone.use(id);
  }

  stop(): void {
    this.camera.turnOff();
    this.microphone.turnOff();
    this.muted.value = false;
  }

  #watchDevices(): void {
    if (!this.available) return;
    const refresh = (): void => {
      void navigator.mediaDevices.enumerateDevices().then((devices) => (this.#devices.value = devices));
    };
    navigator.mediaDevices.addEventListener('devicechange', refresh);
    // Browsers tell names only after permission, that is once a track is there.
    effect(() => {
      void this.camera.track.value;
      void this.microphone.track.value;
      refresh();
    });
  }
}

function choices(devices: MediaDeviceInfo[], kind: MediaDeviceKind): DeviceChoice[] {
  return devices
    .filter((device) => device.kind === kind && device.deviceId !== '')
    .map(({ deviceId, label }) => ({ id: deviceId, label }));
}

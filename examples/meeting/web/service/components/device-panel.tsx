import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { ToggleButton } from '../../meeting/components/toggle-button.js';
import { VideoView } from '../../meeting/components/video-view.js';
import type { CaptureDevice } from '../../meeting/model/capture-device.js';
import { watchLevel } from '../../meeting/model/level.js';
import type { DeviceChoice, LocalMedia } from '../../meeting/model/local-media.js';
import { testTone } from '../model/sounds.js';
import { texts } from '../texts/texts.js';
import { Alert } from './alert.js';
import { CameraIcon, CameraOffIcon, MicrophoneIcon, MicrophoneOffIcon, SpeakerIcon } from './icons.js';

/** Camera, microphone and loudspeaker: on or off, which one, and whether they work. */
export function DevicePanel({ media }: { media: LocalMedia }) {
  const { devices } = texts.value;
  if (!media.available) {
    return (
      <Alert tone="warning">
        <p>{devices.trouble.insecure()}</p>
      </Alert>
    );
  }
  return (
    <div class="stack">
      <CameraSection media={media} />
      <MicrophoneSection media={media} />
      <SpeakerSection />
    </div>
  );
}

function CameraSection({ media }: { media: LocalMedia }) {
  const { devices } = texts.value;
  const { camera } = media;
  const track = camera.track.value;
  return (
    <fieldset class="device">
      <legend>{devices.camera}</legend>
      <ToggleButton
        label={devices.camera}
        pressed={track !== null}
        busy={camera.state.value === 'starting'}
        icon={track === null ? <CameraOffIcon /> : <CameraIcon />}
        onToggle={() => void media.toggleCamera()}
      />
      <DeviceSelect
        label={devices.chooseCamera}
        kind={devices.camera}
        choices={media.cameras.value}
        chosen={camera.deviceId.value}
        onChoose={(id) => void media.useCamera(id)}
      />
      <Trouble device={camera} name={devices.camera} />
    </fieldset>
  );
}

function MicrophoneSection({ media }: { media: LocalMedia }) {
  const { devices } = texts.value;
  const { microphone } = media;
  const live = media.microphoneLive;
  return (
    <fieldset class="device">
      <legend>{devices.microphone}</legend>
      <ToggleButton
        label={devices.microphone}
        pressed={live}
        busy={microphone.state.value === 'starting'}
        icon={live ? <MicrophoneIcon /> : <MicrophoneOffIcon />}
        onToggle={() => void media.toggleMicrophone()}
      />
      <DeviceSelect
        label={devices.chooseMicrophone}
        kind={devices.microphone}
        choices={media.microphones.value}
        chosen={microphone.deviceId.value}
        onChoose={(id) => void media.useMicrophone(id)}
      />
      <LevelMeter track={live ? microphone.track.value : null} />
      <p class="hint">{devices.levelHint}</p>
      <Trouble device={microphone} name={devices.microphone} />
    </fieldset>
  );
}

function SpeakerSection() {
  const { devices } = texts.value;
  const state = useSignal<'still' | 'playing' | 'failed'>('still');
  const play = async (): Promise<void> => {
    if (state.value === 'playing') return;
    state.value = 'playing';
    state.value = (await testTone('')) ? 'still' : 'failed';
  };
  return (
    <fieldset class="device">
      <legend>{devices.speaker}</legend>
      <button type="button" class="button" onClick={() => void play()}>
        <SpeakerIcon />
        {devices.playTone}
      </button>
      <p class="hint" role="status">
        {state.value === 'playing'
          ? devices.tonePlaying
          : state.value === 'failed'
            ? devices.toneFailed
            : devices.toneHint}
      </p>
    </fieldset>
  );
}

/** What the others will see, as in a mirror. */
export function Preview({ camera }: { camera: CaptureDevice }) {
  const { devices } = texts.value;
  const track = camera.track.value;
  return (
    <section class="preview" aria-label={devices.preview}>
      {track === null ? (
        <p class="preview-off">
          <CameraOffIcon />
          {camera.state.value === 'starting' ? devices.previewStarting : devices.previewOff}
        </p>
      ) : (
        <VideoView track={track} mirrored />
      )}
    </section>
  );
}

function Trouble({ device, name }: { device: CaptureDevice; name: string }) {
  const trouble = device.error.value;
  return (
    <p class="field-error" role="alert">
      {trouble !== null && texts.value.devices.trouble[trouble](name)}
    </p>
  );
}

interface SelectProps {
  label: string;
  kind: string;
  choices: readonly DeviceChoice[];
  /** '' is the system's default. */
  chosen: string;
  onChoose: (id: string) => void;
}

function DeviceSelect({ label, kind, choices, chosen, onChoose }: SelectProps) {
  const { devices } = texts.value;
  // Chromium lists the default as a device of its own, with the id 'default'.
  const named = choices.filter(({ id }) => id !== 'default');
  return (
    <select aria-label={label} value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
      <option value="">{devices.systemDefault}</option>
      {named.map((choice, index) => (
        <option key={choice.id} value={choice.id}>
          {choice.label === '' ? devices.unnamed(kind, index + 1) : choice.label}
        </option>
      ))}
    </select>
  );
}

/** Written to the element directly: fifteen times a second is no render. */
function LevelMeter({ track }: { track: MediaStreamTrack | null }) {
  const meter = useRef<HTMLMeterElement>(null);
  useEffect(() => {
    const element = meter.current;
    if (element === null || track === null) return;
    const stop = watchLevel(track, (level) => (element.value = level));
    return () => {
      stop();
      element.value = 0;
    };
  }, [track]);
  return <meter ref={meter} class="level" min={0} max={1} aria-label={texts.value.devices.level} />;
}

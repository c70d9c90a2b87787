import type { LocalMedia } from '../model/local-media.js';
import { deviceTroubleText } from '../model/plain-error.js';
import { texts } from '../texts.js';
import { DeviceSelect } from './device-select.js';
import { FieldError } from './field-error.js';
import { CameraIcon, CameraOffIcon, MicrophoneIcon, MicrophoneOffIcon } from './icons.js';
import { LevelMeter } from './level-meter.js';
import { ToggleButton } from './toggle-button.js';

/** Camera and microphone before the meeting: on or off, which one, and whether it hears anything. */
export function DeviceSetup({ media }: { media: LocalMedia }) {
  if (!media.available) return <p class="warning">{texts.errors.insecure}</p>;
  const { camera, microphone } = media;
  const speaking = media.microphoneLive;
  return (
    <>
      <fieldset class="device">
        <legend>{texts.devices.microphone}</legend>
        <ToggleButton
          label={texts.controls.microphone}
          pressed={speaking}
          busy={microphone.state.value === 'starting'}
          icon={speaking ? <MicrophoneIcon /> : <MicrophoneOffIcon />}
          onToggle={() => void media.toggleMicrophone()}
        />
        <DeviceSelect
          label={texts.devices.microphone}
          choices={media.microphones.value}
          chosen={microphone.deviceId.value}
          onChoose={(id) => void media.useMicrophone(id)}
        />
        <LevelMeter track={speaking ? microphone.track.value : null} />
        <FieldError
          id="microphone-error"
          text={deviceTroubleText(texts.devices.microphone, microphone.error.value)}
        />
      </fieldset>
      <fieldset class="device">
        <legend>{texts.devices.camera}</legend>
        <ToggleButton
          label={texts.controls.camera}
          pressed={camera.track.value !== null}
          busy={camera.state.value === 'starting'}
          icon={camera.track.value !== null ? <CameraIcon /> : <CameraOffIcon />}
          onToggle={() => void media.toggleCamera()}
        />
        <DeviceSelect
          label={texts.devices.camera}
          choices={media.cameras.value}
          chosen={camera.deviceId.value}
          onChoose={(id) => void media.useCamera(id)}
        />
        <FieldError id="camera-error" text={deviceTroubleText(texts.devices.camera, camera.error.value)} />
      </fieldset>
    </>
  );
}

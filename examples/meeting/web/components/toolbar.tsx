import type { Meeting } from '../model/meeting.js';
import { texts } from '../texts.js';
import {
  CameraIcon,
  CameraOffIcon,
  LeaveIcon,
  LinkIcon,
  MicrophoneIcon,
  MicrophoneOffIcon,
  ScreenIcon,
} from './icons.js';
import type { MeetingHost } from './meeting-screen.js';
import { ToggleButton } from './toggle-button.js';

export function Toolbar({ host, meeting }: { host: MeetingHost; meeting: Meeting }) {
  const { media, notices } = host;
  const { screenShare } = meeting;
  const cameraOn = media.camera.track.value !== null;

  const copyLink = (): void => {
    // Absent on insecure origins.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    const copied = clipboard?.writeText(location.origin + location.pathname) ?? Promise.reject(new Error());
    copied.then(
      () => notices.news(texts.controls.linkCopied),
      () => notices.problem(texts.controls.linkNotCopied),
    );
  };

  return (
    <nav class="toolbar" aria-label={texts.controls.toolbar}>
      {media.available && (
        <>
          <ToggleButton
            label={texts.controls.microphone}
            pressed={media.microphoneLive}
            busy={media.microphone.state.value === 'starting'}
            icon={media.microphoneLive ? <MicrophoneIcon /> : <MicrophoneOffIcon />}
            onToggle={() => void media.toggleMicrophone()}
          />
          <ToggleButton
            label={texts.controls.camera}
            pressed={cameraOn}
            busy={media.camera.state.value === 'starting'}
            icon={cameraOn ? <CameraIcon /> : <CameraOffIcon />}
            onToggle={() => void media.toggleCamera()}
          />
        </>
      )}
      {screenShare.possible && (
        <ToggleButton
          label={texts.controls.screen}
          pressed={screenShare.track.value !== null}
          busy={screenShare.busy.value}
          tone="extra"
          icon={<ScreenIcon />}
          onToggle={() => void screenShare.toggle()}
        />
      )}
      {host.linkIsInvitation === true && (
        <button type="button" class="toggle" onClick={copyLink}>
          <LinkIcon />
          <span class="toggle-label">{texts.controls.copyLink}</span>
        </button>
      )}
      <button type="button" class="toggle toggle-leave" onClick={host.leave}>
        <LeaveIcon />
        <span class="toggle-label">{texts.controls.leave}</span>
      </button>
    </nav>
  );
}

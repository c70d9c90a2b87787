import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { texts } from '../../service/texts/texts.js';
import type { Meeting, PanelName } from '../model/meeting.js';
import {
  CameraIcon,
  CameraOffIcon,
  ChatIcon,
  DocumentIcon,
  HandIcon,
  LeaveIcon,
  LobbyIcon,
  MicrophoneIcon,
  MicrophoneOffIcon,
  MoreIcon,
  PeopleIcon,
  ScreenIcon,
  SettingsIcon,
  SpeakerViewIcon,
} from './icons.js';
import type { MeetingHost } from './meeting-screen.js';
import { PanelButton, ToggleButton } from './toggle-button.js';

export function Toolbar({ host, meeting }: { host: MeetingHost; meeting: Meeting }) {
  const { controls } = texts.value.meeting;
  const { media } = host;
  const { screenShare } = meeting;
  const cameraOn = media.camera.track.value !== null;
  return (
    <nav class="toolbar" aria-label={controls.toolbar}>
      {media.available && (
        <>
          <ToggleButton
            label={controls.microphone}
            pressed={media.microphoneLive}
            busy={media.microphone.state.value === 'starting'}
            icon={media.microphoneLive ? <MicrophoneIcon /> : <MicrophoneOffIcon />}
            onToggle={() => void media.toggleMicrophone()}
          />
          <ToggleButton
            label={controls.camera}
            pressed={cameraOn}
            busy={media.camera.state.value === 'starting'}
            icon={cameraOn ? <CameraIcon /> : <CameraOffIcon />}
            onToggle={() => void media.toggleCamera()}
          />
        </>
      )}
      {screenShare.possible && (
        <ToggleButton
          label={controls.screen}
          pressed={screenShare.track.value !== null}
          busy={screenShare.busy.value}
          tone="extra"
          icon={<ScreenIcon />}
          onToggle={() => void screenShare.toggle()}
        />
      )}
      <More host={host} meeting={meeting} />
      <button type="button" class="toggle toggle-leave" onClick={host.leave}>
        <LeaveIcon />
        <span class="toggle-label">{controls.leave}</span>
      </button>
    </nav>
  );
}

/** In a row on wide screens; on narrow ones behind a button. */
function More({ host, meeting }: { host: MeetingHost; meeting: Meeting }) {
  const { controls } = texts.value.meeting;
  const open = useSignal(false);
  const group = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const unread = meeting.chat.unread.value + meeting.documents.unread.value;
  const waiting = host.lobby?.waiting.value.length ?? 0;
  const panel = (name: PanelName): void => {
    open.value = false;
    meeting.togglePanel(name);
  };
  useEffect(() => {
    if (open.value) group.current?.querySelector('button')?.focus();
  }, [open.value]);
  return (
    <>
      <button
        ref={button}
        type="button"
        class="toggle toggle-more"
        aria-expanded={open.value}
        aria-controls="more-controls"
        onClick={() => (open.value = !open.value)}
      >
        <MoreIcon />
        <span class="toggle-label">{controls.more}</span>
        {unread + waiting > 0 && (
          <>
            <span class="badge" aria-hidden="true">
              {unread + waiting}
            </span>
            <span class="unseen">
              {unread > 0 && `, ${controls.unread(unread)}`}
              {waiting > 0 && `, ${controls.waiting(waiting)}`}
            </span>
          </>
        )}
      </button>
      <div
        ref={group}
        id="more-controls"
        class={open.value ? 'toolbar-more toolbar-more-open' : 'toolbar-more'}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || !open.value) return;
          event.stopPropagation();
          open.value = false;
          button.current?.focus();
        }}
      >
        <ToggleButton
          label={controls.hand}
          pressed={meeting.handRaisedAt.value !== null}
          tone="extra"
          icon={<HandIcon />}
          onToggle={() => {
            open.value = false;
            void meeting.raiseHand(meeting.handRaisedAt.value === null);
          }}
        />
        <PanelButton
          name="chat"
          label={controls.chat}
          icon={<ChatIcon />}
          open={meeting.panel.value === 'chat'}
          count={meeting.chat.unread.value}
          counted={controls.unread(meeting.chat.unread.value)}
          onToggle={() => panel('chat')}
        />
        <PanelButton
          name="documents"
          label={controls.documents}
          icon={<DocumentIcon />}
          open={meeting.panel.value === 'documents'}
          count={meeting.documents.unread.value}
          counted={controls.unread(meeting.documents.unread.value)}
          onToggle={() => panel('documents')}
        />
        <PanelButton
          name="people"
          label={controls.people}
          icon={<PeopleIcon />}
          open={meeting.panel.value === 'people'}
          onToggle={() => panel('people')}
        />
        {host.lobby !== null && (
          <PanelButton
            name="lobby"
            label={controls.lobby}
            icon={<LobbyIcon />}
            open={meeting.panel.value === 'lobby'}
            count={waiting}
            counted={controls.waiting(waiting)}
            onToggle={() => panel('lobby')}
          />
        )}
        <ToggleButton
          label={controls.view}
          pressed={meeting.stage.view.value === 'speaker'}
          tone="extra"
          icon={<SpeakerViewIcon />}
          onToggle={() => {
            open.value = false;
            meeting.stage.setView(meeting.stage.view.value === 'speaker' ? 'grid' : 'speaker');
          }}
        />
        <PanelButton
          name="settings"
          label={controls.settings}
          icon={<SettingsIcon />}
          open={meeting.panel.value === 'settings'}
          onToggle={() => panel('settings')}
        />
      </div>
    </>
  );
}

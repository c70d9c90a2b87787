import { useSignal } from '@preact/signals';
import type { MeetingRole } from '../../../shared/api.js';
import { LobbyPanel } from '../../service/components/lobby-panel.js';
import type { LobbyControl } from '../../service/model/lobby-control.js';
import { texts } from '../../service/texts/texts.js';
import type { LocalMedia } from '../model/local-media.js';
import type { Meeting } from '../model/meeting.js';
import type { Notices } from '../model/notices.js';
import { ChatPanel } from './chat-panel.js';
import { ConnectionBanner } from './connection-banner.js';
import { DocumentsPanel } from './documents-panel.js';
import { EncryptionMark, EncryptionPanel, EncryptionWarnings } from './encryption-panel.js';
import { Panel } from './panel.js';
import { PeoplePanel } from './people-panel.js';
import { PersonPanel } from './person-panel.js';
import { Room } from './room.js';
import { SettingsPanel } from './settings-panel.js';
import { Toolbar } from './toolbar.js';
import { Voices } from './voices.js';

/** What the meeting is told by the page around it. */
export interface MeetingHost {
  title: string;
  /** Of this person. */
  name: string;
  role: MeetingRole;
  media: LocalMedia;
  notices: Notices;
  /** The host's tools; null for everybody else. */
  lobby: LobbyControl | null;
  /** Whom to call for help; '': nobody. */
  supportPhone: string;
  /** The service takes the test e-ID; the list of people says who used it. */
  isTestService: boolean;
  leave: () => void;
}

export function MeetingScreen({ host, meeting }: { host: MeetingHost; meeting: Meeting }) {
  const soundBlocked = useSignal(false);
  return (
    <div class="meeting">
      <Head host={host} meeting={meeting} />
      <ConnectionBanner state={meeting.state.value} draining={meeting.draining.value} />
      <div role="alert" class="warnings">
        <EncryptionWarnings meeting={meeting} />
      </div>
      <div class={meeting.panel.value === null ? 'floor' : 'floor floor-with-panel'}>
        <Room host={host} meeting={meeting} />
        <OpenPanel host={host} meeting={meeting} />
      </div>
      <Voices people={meeting.participants.value} blocked={soundBlocked} />
      <Toolbar host={host} meeting={meeting} />
    </div>
  );
}

function Head({ host, meeting }: { host: MeetingHost; meeting: Meeting }) {
  const { meeting: words, visit } = texts.value;
  return (
    <header class="meeting-head">
      <h1 tabIndex={-1}>{host.title}</h1>
      <EncryptionMark meeting={meeting} />
      <p class="meeting-count">{words.count(meeting.count.value)}</p>
      {host.lobby?.view.value?.locked === true && <p class="meeting-locked">{words.people.lockedShort}</p>}
      {host.isTestService && <p class="meeting-test">{texts.value.common.testServiceShort}</p>}
      {host.supportPhone !== '' && (
        <p class="meeting-support">
          {visit.room.support}:{' '}
          <a href={`tel:${host.supportPhone.replace(/[^\d+]/g, '')}`}>{host.supportPhone}</a>
        </p>
      )}
    </header>
  );
}

function OpenPanel({ host, meeting }: { host: MeetingHost; meeting: Meeting }) {
  switch (meeting.panel.value) {
    case null:
      return null;
    case 'chat':
      return <ChatPanel meeting={meeting} />;
    case 'documents':
      return <DocumentsPanel meeting={meeting} />;
    case 'people':
      return <PeoplePanel meeting={meeting} host={host} />;
    case 'lobby':
      return host.lobby === null ? null : (
        <Panel name="lobby" title={texts.value.lobby.heading} meeting={meeting}>
          <LobbyPanel control={host.lobby} headed={false} />
        </Panel>
      );
    case 'encryption':
      return <EncryptionPanel meeting={meeting} />;
    case 'settings':
      return <SettingsPanel meeting={meeting} media={host.media} />;
    case 'person':
      return <PersonPanel meeting={meeting} name={host.name} />;
  }
}

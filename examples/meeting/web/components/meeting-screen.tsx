import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { LocalMedia } from '../model/local-media.js';
import type { Meeting } from '../model/meeting.js';
import type { Notices } from '../model/notices.js';
import { texts } from '../texts.js';
import { ConnectionBanner } from './connection-banner.js';
import { DetailsPanel } from './details-panel.js';
import { Stage } from './stage.js';
import { TileGrid } from './tile-grid.js';
import { ParticipantTile, SelfTile } from './tile.js';
import { Toolbar } from './toolbar.js';
import { Voices } from './voices.js';

/** What the meeting is told by the page around it. */
export interface MeetingHost {
  title: string;
  /** Of this person. */
  name: string;
  media: LocalMedia;
  notices: Notices;
  /** The address of this page lets others in. */
  linkIsInvitation?: boolean;
  leave: () => void;
}

interface Props {
  host: MeetingHost;
  meeting: Meeting;
  /** In the head, at the end. */
  aside?: ComponentChildren;
}

export function MeetingScreen({ host, meeting, aside }: Props) {
  const people = meeting.participants.value;
  const shown = meeting.shown.value;
  const someScreen = meeting.sharing.value.length > 0 || meeting.screenShare.track.value !== null;
  const soundBlocked = useSignal(false);
  return (
    <div class="meeting">
      <header class="meeting-head">
        <h1 tabIndex={-1}>{host.title}</h1>
        <p>{texts.meeting.count(meeting.count.value)}</p>
        {shown.length < people.length && (
          <button
            type="button"
            class="button button-small"
            onClick={() => (meeting.details.value = 'people')}
          >
            {texts.meeting.notShown(people.length - shown.length)}
          </button>
        )}
        {aside}
      </header>
      <ConnectionBanner state={meeting.state.value} draining={meeting.draining.value} />
      <main class={someScreen ? 'floor floor-with-stage' : 'floor'}>
        {someScreen && <Stage meeting={meeting} />}
        <TileGrid count={shown.length + 1} label={texts.meeting.participants}>
          <SelfTile key="self" name={host.name} media={host.media} meeting={meeting} />
          {shown.map((person) => (
            <ParticipantTile key={person.id} person={person} meeting={meeting} />
          ))}
        </TileGrid>
        <DetailsPanel meeting={meeting} name={host.name} />
        {people.length === 0 && host.linkIsInvitation === true && <p class="alone">{texts.meeting.alone}</p>}
      </main>
      <Voices people={people} blocked={soundBlocked} />
      <Toolbar host={host} meeting={meeting} />
    </div>
  );
}

import { useSignal } from '@preact/signals';
import type { App } from '../model/app.js';
import type { Meeting } from '../model/meeting.js';
import { texts } from '../texts.js';
import { ConnectionBanner } from './connection-banner.js';
import { DetailsPanel } from './details-panel.js';
import { Stage } from './stage.js';
import { TileGrid } from './tile-grid.js';
import { ParticipantTile, SelfTile } from './tile.js';
import { Toolbar } from './toolbar.js';
import { Voices } from './voices.js';

export function MeetingScreen({ app, meeting }: { app: App; meeting: Meeting }) {
  const people = meeting.participants.value;
  const shown = meeting.shown.value;
  const someScreen = meeting.sharing.value.length > 0 || meeting.screenShare.track.value !== null;
  const soundBlocked = useSignal(false);
  return (
    <div class="meeting">
      <header class="meeting-head">
        <h1 tabIndex={-1}>{texts.meeting.heading(app.room.value)}</h1>
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
      </header>
      <ConnectionBanner state={meeting.state.value} draining={meeting.draining.value} />
      <main class={someScreen ? 'floor floor-with-stage' : 'floor'}>
        {someScreen && <Stage meeting={meeting} />}
        <TileGrid count={shown.length + 1} label={texts.meeting.participants}>
          <SelfTile key="self" name={app.name.value} media={app.media} meeting={meeting} />
          {shown.map((person) => (
            <ParticipantTile key={person.id} person={person} meeting={meeting} />
          ))}
        </TileGrid>
        <DetailsPanel meeting={meeting} name={app.name.value} />
        {people.length === 0 && <p class="alone">{texts.meeting.alone}</p>}
      </main>
      <Voices people={people} blocked={soundBlocked} />
      <Toolbar app={app} meeting={meeting} />
    </div>
  );
}

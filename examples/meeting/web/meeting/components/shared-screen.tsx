import { texts } from '../../service/texts/texts.js';
import type { Meeting } from '../model/meeting.js';
import { type Place, styleOf } from '../model/room-layout.js';
import { measureFirstFrame } from '../model/timing.js';
import { VideoView } from './video-view.js';

/** The large place for the shared screen. When several are shared, the one that began last. */
export function SharedScreen({ meeting, place }: { meeting: Meeting; place: Place }) {
  const { stage } = texts.value.meeting;
  const person = meeting.sharing.value.at(-1);
  const shown = person?.screen.value ?? null;
  const own = meeting.screenShare.track.value;
  if (person !== undefined && shown !== null) {
    return (
      <section class="stage" aria-label={stage.screenLabel} data-screen={person.id} style={styleOf(place)}>
        <VideoView
          track={shown.track}
          onFirstFrame={() => measureFirstFrame(shown)}
          onSize={shown.setDisplaySize}
        />
        <p class="tile-label">{stage.screenOf(person.name)}</p>
      </section>
    );
  }
  return (
    <section class="stage" aria-label={stage.screenLabel} data-screen="self" style={styleOf(place)}>
      {own !== null && <VideoView track={own} />}
      <p class="tile-label">{stage.yourScreen}</p>
    </section>
  );
}

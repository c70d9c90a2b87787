import type { Meeting } from '../model/meeting.js';
import { measureFirstFrame } from '../model/timing.js';
import { texts } from '../texts.js';
import { VideoView } from './video-view.js';

/** The large place for the shared screen. When several are shared, the one that began last. */
export function Stage({ meeting }: { meeting: Meeting }) {
  const person = meeting.sharing.value.at(-1);
  const shown = person?.screen.value ?? null;
  const own = meeting.screenShare.track.value;
  if (person !== undefined && shown !== null) {
    return (
      <section class="stage" aria-label={texts.meeting.screensLabel} data-screen={person.id}>
        <VideoView
          track={shown.track}
          onFirstFrame={() => measureFirstFrame(shown)}
          onSize={shown.setDisplaySize}
        />
        <p class="tile-label">{texts.meeting.screenOf(person.name)}</p>
      </section>
    );
  }
  return (
    <section class="stage" aria-label={texts.meeting.screensLabel} data-screen="self">
      {own !== null && <VideoView track={own} />}
      <p class="tile-label">{texts.meeting.yourScreen}</p>
    </section>
  );
}

import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { texts } from '../../service/texts/texts.js';
import type { Meeting } from '../model/meeting.js';
import type { Participant } from '../model/participant.js';
import { fillPlaces, layRoom, type Place } from '../model/room-layout.js';
import type { MeetingHost } from './meeting-screen.js';
import { SharedScreen } from './shared-screen.js';
import { ParticipantTile, SelfTile } from './tile.js';

/** Everybody's pictures and the shared screen, laid out anew whenever the space or the people change. */
export function Room({ meeting, host }: { meeting: Meeting; host: MeetingHost }) {
  const { stage } = texts.value.meeting;
  const element = useRef<HTMLElement>(null);
  const size = useSignal({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const room = element.current;
    if (room === null) return;
    const measure = (): void => {
      size.value = { width: room.clientWidth, height: room.clientHeight };
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(room);
    return () => observer.disconnect();
  }, []);

  const people = meeting.shown.value;
  const large = meeting.large.value;
  const small = people.filter((person) => !large.includes(person));
  const screen = meeting.sharing.value.length > 0 || meeting.screenShare.track.value !== null;
  const layout = layRoom({ ...size.value, screen, large: large.length, small: small.length + 1 });
  const speaker = small.findIndex(({ key }) => key === meeting.stage.speaker.value);
  const places = placesOf(layout.large, large, layout.small, small, speaker);
  const notShown =
    meeting.participants.value.length - [...places.keys()].filter((key) => key !== SELF).length;
  return (
    <main ref={element} class="room">
      {layout.screen !== null && <SharedScreen meeting={meeting} place={layout.screen} />}
      <ul class="grid" aria-label={stage.people}>
        <SelfTile key={SELF} host={host} meeting={meeting} place={places.get(SELF)} />
        {people.map((person) => {
          const place = places.get(person.id);
          return place === undefined ? null : (
            <ParticipantTile key={person.id} person={person} meeting={meeting} place={place} />
          );
        })}
      </ul>
      {size.value.width > 0 && notShown > 0 && (
        <button
          type="button"
          class="not-shown"
          aria-label={stage.notShownLabel(notShown)}
          onClick={() => (meeting.panel.value = 'people')}
        >
          +{stage.notShown(notShown)}
        </button>
      )}
      {meeting.count.value === 1 && !screen && (
        <p class="alone">{host.lobby === null ? stage.alone : stage.aloneHost}</p>
      )}
    </main>
  );
}

const SELF = 'self';

/** By person, and one's own. Whoever has no place is not shown. */
function placesOf(
  largePlaces: readonly Place[],
  large: readonly Participant[],
  smallPlaces: readonly Place[],
  small: readonly Participant[],
  speaker: number,
): Map<string, Place> {
  const places = new Map(large.map(({ id }, index) => [id, largePlaces[index]]));
  // One's own comes first, so the speaker is one further on.
  const order = fillPlaces(small.length + 1, smallPlaces.length, speaker < 0 ? -1 : speaker + 1);
  order.forEach((index, at) => places.set(index === 0 ? SELF : small[index - 1].id, smallPlaces[at]));
  return places;
}

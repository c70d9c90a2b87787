import type { Signal } from '@preact/signals';
import type { Participant } from '../model/participant.js';
import { texts } from '../../service/texts/texts.js';
import { AudioView } from './audio-view.js';

/** Everyone's voices, apart from the tiles: a tile that moves or hides must not cut the sound. */
export function Voices({ people, blocked }: { people: readonly Participant[]; blocked: Signal<boolean> }) {
  const play = (): void => {
    blocked.value = false;
    for (const audio of document.querySelectorAll<HTMLAudioElement>('audio.voice')) void audio.play();
  };
  return (
    <>
      {people.map((person) => (
        <Voice key={person.id} person={person} onBlocked={() => (blocked.value = true)} />
      ))}
      {blocked.value && (
        <p class="banner" role="alert">
          {texts.value.meeting.errors.soundBlocked}{' '}
          <button type="button" class="button" onClick={play}>
            {texts.value.meeting.errors.playSound}
          </button>
        </p>
      )}
    </>
  );
}

function Voice({ person, onBlocked }: { person: Participant; onBlocked: () => void }) {
  const shown = person.microphone.value;
  return shown === null ? null : <AudioView track={shown.track} onBlocked={onBlocked} />;
}

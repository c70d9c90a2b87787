import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { App } from '../model/app.js';
import { normalizeRoom, randomRoom } from '../model/route.js';
import { texts } from '../texts.js';
import { FieldError } from './field-error.js';

export function StartScreen({ app }: { app: App }) {
  const typed = useSignal('');
  const missing = useSignal(false);
  const input = useRef<HTMLInputElement>(null);

  const open = (event: Event): void => {
    event.preventDefault();
    const room = normalizeRoom(typed.value);
    missing.value = room === '';
    if (room === '') input.current?.focus();
    else void app.goToRoom(room);
  };

  return (
    <main class="page page-narrow">
      <h1 tabIndex={-1}>{texts.start.heading}</h1>
      <p class="lead">{texts.start.lead}</p>
      <button type="button" class="button button-primary" onClick={() => void app.goToRoom(randomRoom())}>
        {texts.start.newRoom}
      </button>
      <form class="card stack" onSubmit={open} noValidate>
        <div class="field">
          <label for="room">{texts.start.roomLabel}</label>
          <input
            id="room"
            ref={input}
            type="text"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            value={typed.value}
            onInput={(event) => (typed.value = event.currentTarget.value)}
            aria-invalid={missing.value}
            aria-describedby="room-hint room-error"
          />
          <p id="room-hint" class="hint">
            {texts.start.roomHint}
          </p>
          <FieldError id="room-error" text={missing.value ? texts.start.roomMissing : null} />
        </div>
        <button type="submit" class="button">
          {texts.start.openRoom}
        </button>
      </form>
    </main>
  );
}

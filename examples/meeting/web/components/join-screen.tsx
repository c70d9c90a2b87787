import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { App } from '../model/app.js';
import { texts } from '../texts.js';
import { DeviceSetup } from './device-setup.js';
import { FieldError } from './field-error.js';
import { Preview } from './preview.js';

export function JoinScreen({ app }: { app: App }) {
  const missing = useSignal(false);
  const input = useRef<HTMLInputElement>(null);

  const join = (event: Event): void => {
    event.preventDefault();
    missing.value = app.name.value.trim() === '';
    if (missing.value) input.current?.focus();
    else void app.join();
  };

  return (
    <main class="page join">
      <header class="join-head">
        <h1 tabIndex={-1}>{texts.join.heading}</h1>
        <p class="lead">{texts.join.room(app.room.value)}</p>
      </header>
      <Preview camera={app.media.camera} />
      <form class="card stack" onSubmit={join} noValidate>
        <div class="field">
          <label for="name">{texts.join.nameLabel}</label>
          <input
            id="name"
            ref={input}
            type="text"
            autocomplete="name"
            maxLength={60}
            value={app.name.value}
            onInput={(event) => (app.name.value = event.currentTarget.value)}
            aria-invalid={missing.value}
            aria-describedby="name-hint name-error"
          />
          <p id="name-hint" class="hint">
            {texts.join.nameHint}
          </p>
          <FieldError id="name-error" text={missing.value ? texts.join.nameMissing : null} />
        </div>
        <DeviceSetup media={app.media} />
        <FieldError id="join-error" text={app.joinError.value} />
        <button type="submit" class="button button-primary" aria-disabled={app.joining.value}>
          {app.joining.value ? texts.connection.connecting : texts.join.join}
        </button>
        <p class="hint">{texts.join.joinWithout}</p>
      </form>
    </main>
  );
}

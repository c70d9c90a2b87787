import type { ServiceApp } from '../model/service-app.js';
import { texts } from '../texts/texts.js';
import { Dialog } from './dialog.js';

/** Warns before the session ends for lack of activity; one press is enough to stay. */
export function ExpiryDialog({ app }: { app: ServiceApp }) {
  const seconds = app.expiry.secondsLeft.value;
  if (seconds === null) return null;
  const { info, common } = texts.value;
  const left = seconds > 90 ? common.minutes(Math.ceil(seconds / 60)) : common.seconds(seconds);
  return (
    <Dialog heading={info.expiry.heading} onClose={() => void app.expiry.stay()} alarming>
      <p>{info.expiry.lead(left)}</p>
      <div class="actions">
        <button type="button" class="button button-primary" onClick={() => void app.expiry.stay()}>
          {info.expiry.stay}
        </button>
        <button type="button" class="button" onClick={() => void app.signOut()}>
          {common.signOut}
        </button>
      </div>
    </Dialog>
  );
}

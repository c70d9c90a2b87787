import type { Meeting } from '../model/meeting.js';
import { texts } from '../texts.js';

/** Says in one line that the connection is being repaired; the live region itself is always there. */
export function ConnectionBanner({ state }: { state: Meeting['state']['value'] }) {
  return (
    <div role="status" class="banner-place">
      {state === 'reconnecting' && <p class="banner">{texts.connection.reconnecting}</p>}
    </div>
  );
}

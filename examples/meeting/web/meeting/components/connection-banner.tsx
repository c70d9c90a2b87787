import type { Meeting } from '../model/meeting.js';
import { texts } from '../../service/texts/texts.js';

/** Says in one line that the connection is being repaired; the live region itself is always there. */
export function ConnectionBanner({
  state,
  draining,
}: {
  state: Meeting['state']['value'];
  draining: boolean;
}) {
  const text = draining
    ? texts.value.meeting.connection.draining
    : state === 'reconnecting'
      ? texts.value.meeting.connection.reconnecting
      : null;
  return (
    <div role="status" class="banner-place">
      {text !== null && <p class="banner">{text}</p>}
    </div>
  );
}

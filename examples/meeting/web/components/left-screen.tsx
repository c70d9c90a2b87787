import type { App } from '../model/app.js';
import { detailOf } from '../model/plain-error.js';
import { texts } from '../texts.js';

export function LeftScreen({ app }: { app: App }) {
  const reason = app.endReason.value;
  return (
    <main class="page page-narrow stack">
      <h1 tabIndex={-1}>{reason === null ? texts.left.heading : texts.left.ended}</h1>
      {reason !== null && (
        <p class="warning">{texts.left.reason(detailOf({ code: reason, message: reason }))}</p>
      )}
      <div class="row">
        <button type="button" class="button button-primary" onClick={() => void app.rejoin()}>
          {texts.left.rejoin}
        </button>
        <button type="button" class="button" onClick={() => void app.goToStart()}>
          {texts.left.start}
        </button>
      </div>
    </main>
  );
}

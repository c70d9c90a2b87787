import type { Notices } from '../model/notices.js';
import { texts } from '../texts.js';

/** The page's one live region for news and problems. `role="log"`: each new line is spoken, old ones are not repeated. */
export function NoticeList({ notices }: { notices: Notices }) {
  return (
    <div class="notices" role="log" aria-live="polite" aria-relevant="additions">
      {notices.shown.value.map((notice) => (
        <p key={notice.id} class={notice.kind === 'problem' ? 'notice notice-problem' : 'notice'}>
          <span>{notice.text}</span>
          {notice.kind === 'problem' && (
            <button type="button" class="button button-small" onClick={() => notices.dismiss(notice.id)}>
              {texts.controls.dismiss}
            </button>
          )}
        </p>
      ))}
    </div>
  );
}

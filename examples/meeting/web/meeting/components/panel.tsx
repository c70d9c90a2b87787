import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks';
import { texts } from '../../service/texts/texts.js';
import type { Meeting } from '../model/meeting.js';
import { CloseIcon } from './icons.js';

interface Props {
  meeting: Meeting;
  title: string;
  /** For tests and styles. */
  name: string;
  /** Stays in reach below what scrolls. */
  foot?: ComponentChildren;
  children: ComponentChildren;
}

/** What is open beside the pictures. Takes the focus while it is open and gives it back; the meeting goes on beside it. */
export function Panel({ meeting, title, name, foot, children }: Props) {
  const panel = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const before = document.activeElement;
    heading.current?.focus();
    const section = panel.current;
    return () => {
      // Whoever went on to another place with keys or mouse stays there.
      const now = document.activeElement;
      if (now !== null && now !== document.body && !section?.contains(now)) return;
      const back = before instanceof HTMLElement && before !== document.body && before.isConnected;
      (back ? before : document.querySelector('h1'))?.focus();
    };
  }, []);
  const close = (): void => void (meeting.panel.value = null);
  useKeptFocus(panel, heading);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      // A question over it closes first.
      if (event.key !== 'Escape' || document.querySelector('dialog[open]') !== null) return;
      const now = document.activeElement;
      if (now === document.body || panel.current?.contains(now) === true) close();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return (
    <section ref={panel} class={`panel panel-${name}`} role="dialog" aria-labelledby={id}>
      <div class="panel-head">
        <h2 id={id} ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <button
          type="button"
          class="icon-button"
          aria-label={texts.value.meeting.controls.closePanel}
          title={texts.value.meeting.controls.closePanel}
          onClick={close}
        >
          <CloseIcon />
        </button>
      </div>
      {/* What scrolls can be scrolled with keys. */}
      <div class="panel-body" tabIndex={0} role="group" aria-labelledby={id}>
        {children}
      </div>
      {foot !== undefined && <div class="panel-foot">{foot}</div>}
    </section>
  );
}

/** When the button that was pressed goes away by that, the keyboard stays in the panel. */
function useKeptFocus(
  panel: RefObject<HTMLElement | null>,
  heading: RefObject<HTMLHeadingElement | null>,
): void {
  useEffect(() => {
    const section = panel.current;
    if (section === null) return;
    let last: Element | null = document.activeElement;
    const focused = (event: FocusEvent): void => void (last = event.target as Element);
    const observer = new MutationObserver(() => {
      const lost = document.activeElement === document.body && last !== null && !last.isConnected;
      if (lost) heading.current?.focus();
    });
    section.addEventListener('focusin', focused);
    observer.observe(section, { childList: true, subtree: true });
    return () => {
      section.removeEventListener('focusin', focused);
      observer.disconnect();
    };
  }, []);
}

import type { ComponentChildren } from 'preact';

interface Props {
  label: string;
  pressed: boolean;
  busy?: boolean;
  /** 'device': off stands out, as people must notice it. 'extra': on does. Default 'device'. */
  tone?: 'device' | 'extra';
  icon: ComponentChildren;
  onToggle: () => void;
}

/** A button that is on or off. Its name stays the same; `aria-pressed` says which. */
export function ToggleButton({ label, pressed, busy = false, tone = 'device', icon, onToggle }: Props) {
  return (
    <button
      type="button"
      class={`toggle toggle-${tone}`}
      aria-pressed={pressed}
      aria-busy={busy}
      onClick={onToggle}
    >
      {icon}
      <span class="toggle-label">{label}</span>
    </button>
  );
}

interface PanelButtonProps {
  label: string;
  /** Its panel is open. */
  open: boolean;
  icon: ComponentChildren;
  /** Shown on it; 0: nothing. */
  count?: number;
  /** What the number counts, in words. */
  counted?: string;
  /** For tests and styles. */
  name: string;
  onToggle: () => void;
}

/** Opens a panel. A number on it tells what waits there. */
export function PanelButton({ label, open, icon, count = 0, counted, name, onToggle }: PanelButtonProps) {
  return (
    <button
      type="button"
      class="toggle toggle-panel"
      data-panel={name}
      aria-expanded={open}
      onClick={onToggle}
    >
      {icon}
      <span class="toggle-label">{label}</span>
      {count > 0 && (
        <>
          <span class="badge" aria-hidden="true">
            {count > 99 ? '99+' : count}
          </span>
          <span class="unseen">, {counted}</span>
        </>
      )}
    </button>
  );
}

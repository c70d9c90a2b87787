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

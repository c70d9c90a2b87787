import type { ComponentChildren } from 'preact';
import { GoodIcon, InfoIcon, ProblemIcon, WarningIcon } from './icons.js';

export type Tone = 'info' | 'good' | 'warning' | 'problem';

const icons = { info: InfoIcon, good: GoodIcon, warning: WarningIcon, problem: ProblemIcon };

interface Props {
  tone: Tone;
  heading?: string;
  /** For what appears while the page is read: `alert` interrupts, `status` waits. */
  role?: 'alert' | 'status';
  children?: ComponentChildren;
}

/** A box that stands out: the sign, the colour and the words say the same. */
export function Alert({ tone, heading, role, children }: Props) {
  const Sign = icons[tone];
  return (
    <div class={`alert alert-${tone}`} role={role}>
      <Sign />
      <div class="alert-body">
        {heading !== undefined && <h2>{heading}</h2>}
        {children}
      </div>
    </div>
  );
}

export function Tag({ tone, children }: { tone?: Exclude<Tone, 'info'>; children: ComponentChildren }) {
  return <span class={tone === undefined ? 'tag' : `tag tag-${tone}`}>{children}</span>;
}

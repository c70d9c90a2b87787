import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { texts } from '../texts/texts.js';
import { Dialog } from './dialog.js';

interface Props {
  heading: string;
  children?: ComponentChildren;
  /** On the button that does it. */
  action: string;
  danger?: boolean;
  /** On the button that does not; default "Cancel". */
  keep?: string;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}

/** Asks before something that cannot be undone. */
export function Confirm({ heading, children, action, danger = true, keep, onConfirm, onClose }: Props) {
  const busy = useSignal(false);
  const confirm = async (): Promise<void> => {
    if (busy.value) return;
    busy.value = true;
    try {
      await onConfirm();
    } finally {
      busy.value = false;
      onClose();
    }
  };
  return (
    <Dialog heading={heading} onClose={onClose}>
      {children}
      <div class="actions">
        <button
          type="button"
          class={danger ? 'button button-danger' : 'button button-primary'}
          aria-busy={busy.value}
          onClick={() => void confirm()}
        >
          {busy.value ? texts.value.common.busy : action}
        </button>
        <button type="button" class="button" onClick={onClose}>
          {keep ?? texts.value.common.cancel}
        </button>
      </div>
    </Dialog>
  );
}

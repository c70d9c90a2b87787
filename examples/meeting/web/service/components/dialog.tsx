import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

interface Props {
  heading: string;
  /** Escape, or a button of its own inside. */
  onClose: () => void;
  children: ComponentChildren;
  /** Interrupts whatever is done. Default: an ordinary dialog. */
  alarming?: boolean;
}

/** A question that must be answered first. The browser keeps the focus inside and gives it back. */
export function Dialog({ heading, onClose, children, alarming = false }: Props) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  // At once: a key pressed before the next picture is meant for the dialog.
  useLayoutEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    dialog?.querySelector('h2')?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const cancelled = (event: Event): void => {
    event.preventDefault();
    onClose();
  };
  return (
    <dialog
      ref={element}
      class="dialog"
      role={alarming ? 'alertdialog' : undefined}
      aria-labelledby={id}
      onCancel={cancelled}
    >
      <div class="stack">
        <h2 id={id} tabIndex={-1}>
          {heading}
        </h2>
        {children}
      </div>
    </dialog>
  );
}

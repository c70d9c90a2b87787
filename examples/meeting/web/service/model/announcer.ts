import { signal } from '@preact/signals';

/** What screen readers are told of, without the focus moving and without anything to see. */
export class Announcer {
  readonly polite = signal('');
  readonly assertive = signal('');

  /** Told when the reader comes to a pause. */
  say(text: string): void {
    this.polite.value = changed(this.polite.peek(), text);
  }

  /** Interrupts: only for what must be known at once. */
  interrupt(text: string): void {
    this.assertive.value = changed(this.assertive.peek(), text);
  }
}

/** The same words a second time are told only when the element's text changes. */
function changed(before: string, text: string): string {
  return before === text ? `${text}\u00a0` : text;
}

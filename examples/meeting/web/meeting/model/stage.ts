import { signal } from '@preact/signals';
import type { Participant } from './participant.js';
import { recall, remember } from './remembered.js';

export type View = 'grid' | 'speaker';

/** What the server lets one person pin. */
const MAX_PINNED = 4;

/** Who is large: whoever is pinned, else, in the speaker view, who spoke last. */
export class Stage {
  readonly view = signal<View>(recall().view);
  /** Keys of people, who stay so when they come back after a broken connection. */
  readonly pinned = signal<readonly string[]>([]);
  /** Key of the last other person who led the conversation. */
  readonly speaker = signal<string | null>(null);

  setView(view: View): void {
    this.view.value = view;
    remember({ view });
  }

  /** Who left must not take a place, so those who are not among `present` go when there are too many. */
  togglePin(key: string, present: readonly Participant[]): void {
    const pinned = this.pinned.value;
    if (pinned.includes(key)) {
      this.pinned.value = pinned.filter((other) => other !== key);
      return;
    }
    const here = pinned.filter((other) => present.some((person) => person.key === other));
    this.pinned.value = [...(pinned.length < MAX_PINNED ? pinned : here), key].slice(-MAX_PINNED);
  }

  large(people: readonly Participant[]): readonly Participant[] {
    const pinned = people.filter(({ key }) => this.pinned.value.includes(key));
    if (pinned.length > 0 || this.view.value === 'grid') return pinned;
    const speaker = people.find(({ key }) => key === this.speaker.value) ?? people.at(0);
    return speaker === undefined ? [] : [speaker];
  }
}

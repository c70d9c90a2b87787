import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { LobbyAction, LobbyPerson, LobbyView } from '../../../shared/api.js';
import { lobbyAction } from '../api/meeting-api.js';
import { texts } from '../texts/texts.js';
import type { Announcer } from './announcer.js';
import type { Attention } from './attention.js';
import { failureText } from './failure-text.js';
import type { Message } from './form.js';
import { asFailure } from './resource.js';

const SOUND_KEY = 'service.lobby-sound';

/** What a host sees of those who want in, and does about them. Before the meeting and in it. */
export class LobbyControl {
  readonly waiting = computed(() => this.#people((person) => person.state === 'waiting'));
  readonly inside = computed(() => this.#people((person) => person.state === 'admitted'));
  readonly others = computed(() =>
    this.#people(({ state, role }) => role !== 'host' && state !== 'waiting' && state !== 'admitted'),
  );
  /** Only then can anybody be let in. */
  readonly hostIsIn = computed(() =>
    this.inside.value.some(({ role, present }) => role === 'host' && present),
  );
  /** What is being done now, such as `admit <id>`: its button is busy. */
  readonly busy = signal<string | null>(null);
  readonly problem = signal<Message | null>(null);
  readonly sound = signal(recallSound());
  readonly #stop: () => void;

  constructor(
    readonly view: ReadonlySignal<LobbyView | null>,
    announcer: Announcer,
    attention: Attention,
  ) {
    let known: readonly LobbyPerson[] | null = null;
    this.#stop = effect(() => {
      const waiting = this.waiting.value;
      const all = this.view.value?.people ?? null;
      // Who waited before the panel was opened is seen in it.
      const news = known === null ? [] : missingFrom(known, waiting);
      // Those whom a host let in or denied are known of already.
      const gone = missingFrom(waiting, known ?? []).filter(({ participantId }) =>
        all?.some((person) => person.participantId === participantId && person.state === 'left'),
      );
      if (all !== null) known = waiting;
      const count = waiting.length;
      const { lobby } = texts.peek();
      const changes = [
        ...news.map((person) => lobby.someoneWaits(nameOf(person))),
        ...gone.map((person) => lobby.waitsNoMore(nameOf(person))),
      ];
      if (changes.length > 0) announcer.say([...changes, `${lobby.waitingHeading(count)}.`].join(' '));
      if (news.length > 0) {
        attention.raise(() => texts.value.lobby.attention(count), { sound: this.sound.peek() });
      } else if (count === 0) attention.clearSeen();
    });
  }

  close(): void {
    this.#stop();
  }

  setSound(on: boolean): void {
    this.sound.value = on;
    try {
      localStorage.setItem(SOUND_KEY, on ? 'on' : 'off');
    } catch {
      // Storage is refused: the choice lasts as long as the page.
    }
  }

  admit(person: LobbyPerson): Promise<boolean> {
    return this.#do('admit', { participantId: person.participantId });
  }

  admitAll(): Promise<boolean> {
    return this.#do('admit', { all: true });
  }

  deny(person: LobbyPerson, reason: string): Promise<boolean> {
    return this.#do('deny', { participantId: person.participantId, reason });
  }

  remove(person: LobbyPerson, reason: string): Promise<boolean> {
    return this.#do('remove', { participantId: person.participantId, reason });
  }

  mute(person: LobbyPerson): Promise<boolean> {
    return this.#do('mute', { participantId: person.participantId });
  }

  notice(text: string): Promise<boolean> {
    return this.#do('notice', { text });
  }

  lock(locked: boolean): Promise<boolean> {
    return this.#do('lock', { locked });
  }

  end(): Promise<boolean> {
    return this.#do('end', {});
  }

  async #do(
    action: LobbyAction,
    body: { participantId?: string; [more: string]: unknown },
  ): Promise<boolean> {
    const view = this.view.peek();
    if (view === null || this.busy.peek() !== null) return false;
    this.busy.value = body.participantId === undefined ? action : `${action} ${body.participantId}`;
    this.problem.value = null;
    try {
      // The answer is the new list too; it is taken from the stream alone, so that an older one never wins.
      await lobbyAction(view.meetingId, action, body);
      return true;
    } catch (error) {
      const failure = asFailure(error);
      this.problem.value = () => failureText(failure);
      return false;
    } finally {
      this.busy.value = null;
    }
  }

  #people(which: (person: LobbyPerson) => boolean): LobbyPerson[] {
    return (this.view.value?.people ?? []).filter(which);
  }
}

/** The proven name where there is one: that is whom the host lets in. */
export function nameOf({ verified, displayName }: LobbyPerson): string {
  return verified?.name ?? displayName;
}

/** Of the second, those who are not in the first. */
function missingFrom(some: readonly LobbyPerson[], of: readonly LobbyPerson[]): LobbyPerson[] {
  const ids = new Set(some.map(({ participantId }) => participantId));
  return of.filter(({ participantId }) => !ids.has(participantId));
}

function recallSound(): boolean {
  try {
    return localStorage.getItem(SOUND_KEY) !== 'off';
  } catch {
    return true;
  }
}

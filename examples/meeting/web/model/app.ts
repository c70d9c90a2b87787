import { computed, signal } from '@preact/signals';
import { LocalMedia } from './local-media.js';
import { Meeting } from './meeting.js';
import { Notices } from './notices.js';
import { parseOptions, type PageOptions } from './options.js';
import { detailOf } from './plain-error.js';
import { recall, remember } from './remembered.js';
import { parseRoute, roomPath, type Route } from './route.js';
import { texts } from '../texts.js';

/** Before a room, before the door, in the meeting, and after it. */
export type Screen = 'start' | 'join' | 'meeting' | 'left';

/** The whole page: which screen shows, and what belongs to this person. */
export class App {
  readonly options: PageOptions;
  readonly media: LocalMedia;
  readonly notices = new Notices();
  readonly route = signal<Route>({ page: 'start' });
  readonly meeting = signal<Meeting | null>(null);
  readonly name = signal(recall().name);
  readonly joining = signal(false);
  /** Shown on the join page when the last attempt failed. */
  readonly joinError = signal<string | null>(null);
  /** The client's code for why the meeting is over; null when this person left. */
  readonly endReason = signal<string | null>(null);
  readonly #left = signal(false);

  readonly screen = computed<Screen>(() => {
    if (this.route.value.page === 'start') return 'start';
    if (this.meeting.value !== null) return 'meeting';
    return this.#left.value ? 'left' : 'join';
  });

  readonly room = computed(() => (this.route.value.page === 'room' ? this.route.value.room : ''));

  constructor() {
    this.options = parseOptions(location.search);
    this.media = new LocalMedia(this.options);
    addEventListener('popstate', () => void this.#enter(parseRoute(location.pathname, location.hash)));
    addEventListener('hashchange', () => void this.#enter(parseRoute(location.pathname, location.hash)));
  }

  /** Shows the page that the address asks for. */
  async open(): Promise<void> {
    await this.#enter(parseRoute(location.pathname, location.hash));
  }

  async goToRoom(room: string): Promise<void> {
    history.pushState(null, '', roomPath(room) + location.search);
    await this.#enter({ page: 'room', room });
  }

  async goToStart(): Promise<void> {
    history.pushState(null, '', '/' + location.search);
    await this.#enter({ page: 'start' });
  }

  async join(): Promise<void> {
    if (this.joining.value) return;
    const displayName = this.name.value.trim();
    remember({ name: displayName });
    this.joining.value = true;
    this.joinError.value = null;
    const { media, notices, options } = this;
    const meeting = new Meeting({
      url: signallingUrl(),
      room: this.room.value,
      displayName,
      options,
      media,
      notices,
    });
    publishForTests(meeting);
    try {
      await meeting.join();
      this.meeting.value = meeting;
      meeting.client.on('state', (state, reason) => {
        if (state === 'closed' && this.meeting.value === meeting) void this.#end(reason ?? '');
      });
    } catch (error) {
      this.joinError.value = texts.errors.joinFailed(detailOf(error));
      void meeting.leave().catch(() => undefined);
    } finally {
      this.joining.value = false;
    }
  }

  async leave(): Promise<void> {
    await this.#end(null);
  }

  /** From the last page back to the door. */
  async rejoin(): Promise<void> {
    this.#left.value = false;
    await this.media.start();
  }

  async #enter(route: Route): Promise<void> {
    if (this.meeting.value !== null) await this.#end(null);
    this.route.value = route;
    this.#left.value = false;
    document.title = route.page === 'room' ? `${route.room} – ${texts.appName}` : texts.appName;
    if (route.page === 'room') await this.media.start();
    else this.media.stop();
  }

  async #end(reason: string | null): Promise<void> {
    const meeting = this.meeting.value;
    // 'left' comes without a click when the browser took the page away and brought it back.
    this.endReason.value = reason === 'left' ? null : reason;
    this.#left.value = true;
    this.meeting.value = null;
    this.media.stop();
    this.notices.clear();
    await meeting?.leave().catch(() => undefined);
  }
}

function signallingUrl(): string {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return `${scheme}://${location.host}/signalling`;
}

/** `window.sluss.client`: where tests and curious people reach the statistics. */
function publishForTests(meeting: Meeting): void {
  (window as { sluss?: unknown }).sluss = { client: meeting.client };
}

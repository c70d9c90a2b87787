import { effect, signal } from '@preact/signals';
import type { SupportContact } from '../../../shared/api.js';
import { LocalMedia } from '../../meeting/model/local-media.js';
import { Notices } from '../../meeting/model/notices.js';
import { parseOptions } from '../../meeting/model/options.js';
import { signedOutAnswers } from '../api/request.js';
import { texts } from '../texts/texts.js';
import { Announcer } from './announcer.js';
import { Attention } from './attention.js';
import { handInReturn, takeReturn } from './eid-return.js';
import { startLanguage } from './language.js';
import { Router } from './router.js';
import { Session } from './session.js';
import { SessionExpiry } from './session-expiry.js';

/** What every page has in common. */
export class ServiceApp {
  readonly options = parseOptions(location.search);
  readonly router: Router;
  readonly session = new Session();
  readonly expiry: SessionExpiry;
  readonly attention: Attention;
  readonly announcer = new Announcer();
  readonly notices = new Notices();
  readonly media: LocalMedia;
  /** Of the organisation whose meeting this page is about; null: the session's own. */
  readonly meetingSupport = signal<SupportContact | null>(null);

  /** With what an e-ID's app has opened this page. */
  #returned: string | null;

  constructor() {
    startLanguage(location.search);
    this.#returned = takeReturn();
    // The app has opened the tab that was open already.
    addEventListener('hashchange', () => {
      this.#returned = takeReturn();
      if (this.#returned !== null) void this.open();
    });
    this.router = new Router();
    this.expiry = new SessionExpiry(this.session);
    this.attention = new Attention();
    this.media = new LocalMedia(this.options);
    let seen = signedOutAnswers.peek();
    effect(() => {
      if (signedOutAnswers.value === seen) return;
      seen = signedOutAnswers.value;
      this.session.forget();
    });
  }

  get serviceName(): string {
    const name = this.session.view.value?.serviceName ?? '';
    return name === '' ? texts.value.common.defaultServiceName : name;
  }

  /** Whom to call for help on this page. */
  get support(): SupportContact | null {
    return this.meetingSupport.value ?? this.session.view.value?.support ?? null;
  }

  async open(): Promise<void> {
    const nonce = this.#returned;
    this.#returned = null;
    if (nonce !== null) await handInReturn(nonce);
    await this.session.load();
  }

  async signOut(): Promise<void> {
    await this.session.signOut().catch(() => this.session.forget());
    this.router.go('/');
  }
}

import { computed } from '@preact/signals';
import type { PortalRole, SessionView } from '../../../shared/api.js';
import { endSession, getSession, stayInSession } from '../api/session-api.js';
import { adoptSessionLanguage } from './language.js';
import { asFailure, Resource } from './resource.js';

/** Who sits here, as the server knows them. */
export class Session {
  readonly resource = new Resource<SessionView>(async () => {
    const view = await getSession();
    adoptSessionLanguage(view.language);
    return view;
  });
  readonly view = computed(() => this.resource.value);
  readonly person = computed(() => this.view.value?.person ?? null);
  readonly roles = computed<readonly PortalRole[]>(() => this.view.value?.roles ?? []);

  async load(): Promise<void> {
    await this.resource.load();
  }

  /** Says that somebody is here. Whether it is heard shows in the time that is left. */
  async stay(): Promise<void> {
    try {
      this.resource.set(await stayInSession());
    } catch (error) {
      if (asFailure(error).code === 'not-signed-in') this.forget();
    }
  }

  async signOut(): Promise<void> {
    this.resource.set(await endSession());
  }

  /** The server has said that the session is over. */
  forget(): void {
    this.resource.update((view) => ({ ...view, person: null, roles: [] }));
  }
}

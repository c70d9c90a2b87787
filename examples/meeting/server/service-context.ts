/** What the parts of the service share. `service.ts` makes it; everything in it may be replaced in tests. */
import type { Logger } from 'pino';
import type { EidBroker } from 'sluss/gateway';
import type { Config } from './config.js';
import type { RateLimits } from './http/rate-limits.js';
import type { Identities } from './identities.js';
import type { Sessions } from './sessions.js';
import type { Store } from './store/store.js';

export interface ServiceContext {
  readonly config: Config;
  readonly store: Store;
  readonly log: Logger;
  /** Keyed hashes of personal numbers, HSA-IDs and e-mail addresses. */
  readonly identities: Identities;
  /** At least 32 bytes; from it come keyed hashes and the tokens of invitations. */
  readonly secret: Uint8Array;
  readonly sessions: Sessions;
  readonly limits: RateLimits;
  readonly eid: EidBroker;
  readonly meetings: LiveMeetings;
  /** Milliseconds since 1970. */
  now(): number;
  /** Where people reach the service, without a slash at the end: `https://meet.example.se`. Known once it listens. */
  publicUrl(): string;
}

/** What the portal tells those who are in or before a meeting. */
export interface LiveMeetings {
  /**
   * A meeting was changed or cancelled, an invitation added or revoked; to be called after the transaction. Who waits sees
   * it at once, and whoever may no longer be there is let out.
   */
  changed(meetingId: string): Promise<void>;
  /** Sessions were removed from the store: who was in a meeting by one of them is out. To be called after the transaction. */
  sessionsEnded(): Promise<void>;
}

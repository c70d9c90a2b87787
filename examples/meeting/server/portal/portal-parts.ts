import type { ServiceContext } from '../service-context.js';
import type { OrganisationRecord, OrganiserRecord } from '../store/store.js';
import type { Channels } from './book-meeting.js';
import type { SendingLimit } from './sending-limit.js';

/** What the portal's own parts work with, besides what all the service shares. */
export interface PortalParts {
  readonly context: ServiceContext;
  readonly channels: Channels;
  readonly paymentEnabled: boolean;
  readonly sending: SendingLimit;
  /** Something was put into the outbox. */
  wakeOutbox(): void;
}

/** On whose behalf something is done in an organisation. */
export interface Agent {
  organisation: OrganisationRecord;
  organiser: OrganiserRecord;
  /** For the audit log: `organiser:<id>` or `api-key:<id>`. */
  actor: string;
}

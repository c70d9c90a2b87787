import { randomUUID } from 'node:crypto';
import type { OrganisationEntry, RoomPackage } from '../../shared/api.js';
import { refusal } from '../http/refusal.js';
import type { OrganisationRecord, RoomRecord, StoreGroups } from '../store/store.js';
import { newOrganiser, withUniqueLogin } from './members.js';
import type { OrganisationChange, WrittenRegistration } from './parse-administration.js';
import type { PortalParts } from './portal-parts.js';
import { providerViews } from './meeting-views.js';
import { conflict } from './refusals.js';

/** What an organisation begins with; its administrator changes it. Days. */
export const FIRST_RETENTION = { meetings: 365, audit: 5 * 365 };

/** What those who run the service do: organisations and their packages. Meetings they do not see. */
export class Operation {
  readonly #parts: PortalParts;

  constructor(parts: PortalParts) {
    this.#parts = parts;
  }

  async organisations(): Promise<OrganisationEntry[]> {
    const { store } = this.#parts.context;
    return Promise.all((await store.organisations.list()).map((one) => organisationEntry(store, one)));
  }

  /** With its first administrator, who then adds everybody else. It begins without meeting types: those are its own decision. */
  async register(actor: string, written: WrittenRegistration): Promise<OrganisationEntry> {
    const { context } = this.#parts;
    const now = context.now();
    const { name, roomPackage, support, administrator } = written;
    const organisation: OrganisationRecord = {
      id: randomUUID(),
      name,
      support,
      providers: providerViews(context).map(({ id }) => id),
      retention: FIRST_RETENTION,
      keepEvidence: false,
      roomPackage,
      active: true,
      createdAt: now,
    };
    // Those who run the service are not made here.
    const roles = new Set([...administrator.roles, 'administrator' as const]);
    roles.delete('operator');
    const first = newOrganiser(
      context.identities,
      organisation.id,
      { ...administrator, roles: [...roles] },
      now,
    );
    return withUniqueLogin(() =>
      context.store.transaction(async (tx) => {
        await tx.organisations.insert(organisation);
        await tx.organisers.insert(first);
        await logTwice(tx, organisation.id, now, 'organisation.registered', actor, {
          organisation: organisation.id,
          administrator: first.id,
          ...packageDetails(roomPackage),
        });
        return organisationEntry(tx, organisation);
      }),
    );
  }

  async change(
    actor: string,
    organisationId: string,
    change: OrganisationChange,
  ): Promise<OrganisationEntry> {
    const { context } = this.#parts;
    return context.store.transaction(async (tx) => {
      if ((await tx.organisations.get(organisationId)) === null) throw refusal('not-found');
      const { roomPackage } = change;
      if (roomPackage !== undefined) judgePackage(roomPackage, await tx.rooms.list({ organisationId }));
      const changed = await tx.organisations.update(organisationId, change);
      await logTwice(tx, organisationId, context.now(), 'organisation.changed', actor, {
        organisation: organisationId,
        renamed: change.name !== undefined,
        active: changed.active,
        ...packageDetails(changed.roomPackage),
      });
      return organisationEntry(tx, changed);
    });
  }
}

async function organisationEntry(tx: StoreGroups, record: OrganisationRecord): Promise<OrganisationEntry> {
  const { id, name, roomPackage, active } = record;
  const administrators = (await tx.organisers.list(id))
    .filter((one) => one.active && one.roles.includes('administrator'))
    .map((one) => one.name);
  return { id, name, roomPackage, administrators, active };
}

function judgePackage(roomPackage: RoomPackage, rooms: readonly RoomRecord[]): void {
  for (const size of [5, 25, 50, 100] as const) {
    const used = rooms.filter(({ capacity }) => capacity === size).length;
    if (used <= roomPackage[size]) continue;
    throw conflict(
      `Organisationen har ${used} rum för ${size} personer i bruk. Administratören behöver ta bort rum först.`,
      `The organisation has ${used} rooms for ${size} people in use. Its administrator needs to remove rooms first.`,
      `roomPackage.${size}`,
    );
  }
}

/** Both those who run the service and the organisation itself have a right to know. */
async function logTwice(
  tx: StoreGroups,
  organisationId: string,
  at: number,
  action: string,
  actor: string,
  details: Record<string, string | number | boolean>,
): Promise<void> {
  for (const log of [null, organisationId])
    await tx.audit.append({ organisationId: log, at, action, actor, details });
}

function packageDetails(roomPackage: RoomPackage): Record<string, number> {
  return {
    roomsOfFive: roomPackage[5],
    roomsOfTwentyFive: roomPackage[25],
    roomsOfFifty: roomPackage[50],
    roomsOfHundred: roomPackage[100],
  };
}

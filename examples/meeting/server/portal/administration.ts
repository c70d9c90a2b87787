import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type {
  ApiKeyView,
  MeetingTypeView,
  OrganisationView,
  OrganiserView,
  RoomView,
} from '../../shared/api.js';
import { refusal } from '../http/refusal.js';
import { MAX_TOKEN_CHARACTERS } from '../store/audit-rules.js';
import type {
  ApiKeyRecord,
  AuditDetails,
  MeetingRecord,
  OrganiserRecord,
  RoomRecord,
  StoreGroups,
} from '../store/store.js';
import type { MeetingDesk } from './meeting-desk.js';
import { iso, meetingTypeView, providerViews, roomView } from './meeting-views.js';
import { newOrganiser, withUniqueLogin } from './members.js';
import type {
  MeetingTypeInput,
  OrganisationSettings,
  RoomInput,
  WrittenOrganiser,
} from './parse-administration.js';
import type { Agent, PortalParts } from './portal-parts.js';
import { badField, conflict } from './refusals.js';

/** What an administrator does for their own organisation. Each act stands in its audit log. */
export class Administration {
  readonly #parts: PortalParts;
  readonly #desk: MeetingDesk;

  constructor(parts: PortalParts, desk: MeetingDesk) {
    this.#parts = parts;
    this.#desk = desk;
  }

  // ---- the organisation ---------------------------------------------------------------------------------------

  organisation({ organisation }: Agent): OrganisationView {
    const { id, name, support, providers, retention, keepEvidence } = organisation;
    const availableProviders = providerViews(this.#parts.context);
    return { id, name, support, providers, availableProviders, retention, keepEvidence };
  }

  async configure(agent: Agent, settings: OrganisationSettings): Promise<OrganisationView> {
    const { context } = this.#parts;
    const available = providerViews(context).map(({ id }) => id);
    const providers = [...new Set(settings.providers)];
    if (providers.length === 0 || providers.some((id) => !available.includes(id))) {
      throw badField(
        'providers',
        'Välj minst en e-legitimation bland dem som tjänsten har.',
        'Choose at least one e-ID of those that the service has.',
      );
    }
    const organisation = await context.store.transaction(async (tx) => {
      const changed = await tx.organisations.update(agent.organisation.id, { ...settings, providers });
      await this.#log(tx, agent, 'organisation.configured', {
        ...listed('providers', providers),
        retentionMeetings: settings.retention.meetings,
        retentionAudit: settings.retention.audit,
        keepEvidence: settings.keepEvidence,
      });
      return changed;
    });
    return this.organisation({ ...agent, organisation });
  }

  // ---- organisers ---------------------------------------------------------------------------------------------

  async organisers({ organisation }: Agent): Promise<OrganiserView[]> {
    const { store } = this.#parts.context;
    const organisers = await store.organisers.list(organisation.id);
    const rooms = await store.rooms.list({ organisationId: organisation.id });
    return organisers.filter(({ active }) => active).map((one) => organiserView(one, rooms));
  }

  async addOrganiser(agent: Agent, written: WrittenOrganiser): Promise<OrganiserView> {
    const { context } = this.#parts;
    // Who runs the service is not for an organisation to decide.
    if (written.roles.includes('operator') && !agent.organiser.roles.includes('operator')) {
      throw badField(
        'roles',
        'Endast den som driver tjänsten kan ge rollen driftansvarig.',
        'Only those who run the service can give the role of operator.',
      );
    }
    const now = context.now();
    const organiser = newOrganiser(context.identities, agent.organisation.id, written, now);
    await withUniqueLogin(() =>
      context.store.transaction(async (tx) => {
        await tx.organisers.insert(organiser);
        const roles = organiser.roles.join('+');
        await this.#log(tx, agent, 'organiser.added', { organiser: organiser.id, roles });
      }),
    );
    return organiserView(organiser, []);
  }

  /**
   * Their login ends at once and their rooms are free for others. Meetings to come that no other host was invited to are
   * cancelled: nobody could let anybody in.
   */
  async removeOrganiser(agent: Agent, organiserId: string): Promise<{ cancelledMeetings: number }> {
    const { context } = this.#parts;
    if (organiserId === agent.organiser.id) {
      throw conflict(
        'Du kan inte ta bort dig själv. Be en annan administratör.',
        'You cannot remove yourself. Ask another administrator.',
      );
    }
    const now = context.now();
    const cancelled = await context.store.transaction(async (tx) => {
      const organiser = await tx.organisers.get(organiserId);
      if (organiser === null || organiser.organisationId !== agent.organisation.id || !organiser.active)
        throw refusal('not-found');
      if (organiser.roles.includes('operator') && !agent.organiser.roles.includes('operator'))
        throw refusal('forbidden');
      await tx.organisers.update(organiserId, { active: false });
      const orphans = await this.#orphans(tx, organiser);
      const orphanIds = orphans.map(({ id }) => id);
      await this.#desk.cancelWithin(tx, agent, orphanIds, now);
      const organisationId = agent.organisation.id;
      for (const { id } of await tx.rooms.list({ organisationId, organiserId })) {
        await tx.rooms.update(id, { active: false });
      }
      await this.#log(tx, agent, 'organiser.removed', {
        organiser: organiserId,
        cancelledMeetings: orphans.length,
      });
      return orphanIds;
    });
    await context.meetings.sessionsEnded();
    await this.#desk.announce(cancelled);
    return { cancelledMeetings: cancelled.length };
  }

  async #orphans(tx: StoreGroups, organiser: OrganiserRecord): Promise<MeetingRecord[]> {
    const planned = await tx.meetings.list({
      organiserId: organiser.id,
      status: ['planned'],
      limit: 100_000,
    });
    const invitations = planned.length === 0 ? [] : await tx.invitations.list(planned.map(({ id }) => id));
    const hosted = new Set(
      invitations
        .filter(({ role, revokedAt }) => role === 'host' && revokedAt === null)
        .map(({ meetingId }) => meetingId),
    );
    return planned.filter(({ id }) => !hosted.has(id));
  }

  // ---- rooms --------------------------------------------------------------------------------------------------

  async addRoom(agent: Agent, input: RoomInput): Promise<RoomView> {
    const { context } = this.#parts;
    const organisationId = agent.organisation.id;
    return context.store.transaction(async (tx) => {
      const organiser = await tx.organisers.get(input.organiserId);
      if (organiser === null || organiser.organisationId !== organisationId || !organiser.active) {
        throw badField(
          'organiserId',
          'Det finns ingen sådan mötesarrangör. Välj en i listan.',
          'There is no such organiser. Choose one of the list.',
        );
      }
      const organisation = await tx.organisations.get(organisationId);
      const allowed = organisation?.roomPackage[input.capacity] ?? 0;
      const rooms = await tx.rooms.list({ organisationId });
      const used = rooms.filter(({ capacity }) => capacity === input.capacity).length;
      if (used >= allowed) {
        throw conflict(
          `Ert paket har ${allowed} rum för ${input.capacity} personer, och alla är i bruk. Ta bort ett rum eller utöka paketet.`,
          `Your package has ${allowed} rooms for ${input.capacity} people, and all are in use. Remove a room or enlarge the package.`,
          'capacity',
        );
      }
      const room: RoomRecord = {
        ...input,
        id: randomUUID(),
        organisationId,
        active: true,
        createdAt: context.now(),
      };
      await tx.rooms.insert(room);
      await this.#log(tx, agent, 'room.added', {
        room: room.id,
        organiser: input.organiserId,
        capacity: input.capacity,
      });
      return roomView(room);
    });
  }

  async removeRoom(agent: Agent, roomId: string): Promise<void> {
    await this.#parts.context.store.transaction(async (tx) => {
      const room = await tx.rooms.get(roomId);
      if (room === null || room.organisationId !== agent.organisation.id || !room.active)
        throw refusal('not-found');
      const booked = await tx.meetings.list({ roomId, status: ['planned', 'open'], limit: 1 });
      if (booked.length > 0) {
        throw conflict(
          'Rummet är bokat för kommande möten. De behöver avbokas eller hållas först.',
          'The room is booked for meetings to come. They need to be cancelled or held first.',
        );
      }
      await tx.rooms.update(roomId, { active: false });
      await this.#log(tx, agent, 'room.removed', { room: roomId });
    });
  }

  // ---- meeting types ------------------------------------------------------------------------------------------

  async meetingTypes({ organisation }: Agent): Promise<MeetingTypeView[]> {
    return (await this.#parts.context.store.meetingTypes.list(organisation.id)).map(meetingTypeView);
  }

  async addMeetingType(agent: Agent, input: MeetingTypeInput): Promise<MeetingTypeView> {
    const { context } = this.#parts;
    return context.store.transaction(async (tx) => {
      const record = {
        ...input,
        id: randomUUID(),
        organisationId: agent.organisation.id,
        active: true,
        createdAt: context.now(),
      };
      await tx.meetingTypes.insert(record);
      await this.#log(tx, agent, 'meeting-type.approved', approval(record.id, input));
      return meetingTypeView(record);
    });
  }

  /** Meetings already booked stay as they were judged. */
  async changeMeetingType(agent: Agent, typeId: string, input: MeetingTypeInput): Promise<MeetingTypeView> {
    return this.#parts.context.store.transaction(async (tx) => {
      await this.#requireType(tx, agent, typeId);
      const changed = await tx.meetingTypes.update(typeId, input);
      await this.#log(tx, agent, 'meeting-type.approved', approval(typeId, input));
      return meetingTypeView(changed);
    });
  }

  async removeMeetingType(agent: Agent, typeId: string): Promise<void> {
    await this.#parts.context.store.transaction(async (tx) => {
      await this.#requireType(tx, agent, typeId);
      await tx.meetingTypes.update(typeId, { active: false });
      await this.#log(tx, agent, 'meeting-type.withdrawn', { meetingType: typeId });
    });
  }

  async #requireType(tx: StoreGroups, agent: Agent, typeId: string): Promise<void> {
    const type = await tx.meetingTypes.get(typeId);
    if (type === null || type.organisationId !== agent.organisation.id || !type.active)
      throw refusal('not-found');
  }

  // ---- keys of booking systems --------------------------------------------------------------------------------

  async apiKeys({ organisation }: Agent): Promise<ApiKeyView[]> {
    return (await this.#parts.context.store.apiKeys.list(organisation.id)).map(apiKeyView);
  }

  /** The key itself is in this answer and nowhere else. */
  async addApiKey(agent: Agent, name: string): Promise<ApiKeyView & { key: string }> {
    const { context } = this.#parts;
    const key = `sluss_${randomBytes(32).toString('base64url')}`;
    const record: ApiKeyRecord = {
      id: randomUUID(),
      organisationId: agent.organisation.id,
      name,
      keyHash: apiKeyHash(key),
      createdAt: context.now(),
      lastUsedAt: null,
    };
    await context.store.transaction(async (tx) => {
      await tx.apiKeys.insert(record);
      await this.#log(tx, agent, 'api-key.added', { key: record.id });
    });
    return { ...apiKeyView(record), key };
  }

  async removeApiKey(agent: Agent, keyId: string): Promise<void> {
    await this.#parts.context.store.transaction(async (tx) => {
      if (!(await tx.apiKeys.delete(agent.organisation.id, keyId))) throw refusal('not-found');
      await this.#log(tx, agent, 'api-key.removed', { key: keyId });
    });
  }

  // ---- people -------------------------------------------------------------------------------------------------

  async erase(agent: Agent, personalNumber: string): Promise<{ erased: number }> {
    const { context } = this.#parts;
    const subjectHash = context.identities.hash('personal-number-se', personalNumber);
    const erased = await context.store.transaction(async (tx) => {
      const records = await tx.erasePerson(agent.organisation.id, subjectHash);
      // Not whom: that would be the trace that was to go.
      await this.#log(tx, agent, 'person.erased', { records });
      return records;
    });
    await context.meetings.sessionsEnded();
    return { erased };
  }

  /** Who takes a copy of the log or the archive out of the service stands in the log too. */
  async noteExport(agent: Agent, action: 'audit.exported' | 'archive.exported'): Promise<void> {
    await this.#parts.context.store.transaction((tx) => this.#log(tx, agent, action, {}));
  }

  async #log(tx: StoreGroups, agent: Agent, action: string, details: AuditDetails): Promise<void> {
    const { actor, organisation } = agent;
    const at = this.#parts.context.now();
    await tx.audit.append({ organisationId: organisation.id, at, action, actor, details });
  }
}

/** SHA-256, hex. */
export function apiKeyHash(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

function organiserView(record: OrganiserRecord, rooms: readonly RoomRecord[]): OrganiserView {
  const { id, name, email, roles, active } = record;
  return {
    id,
    name,
    email,
    roles,
    rooms: rooms.filter(({ organiserId }) => organiserId === id).map(roomView),
    active,
  };
}

function apiKeyView({ id, name, createdAt, lastUsedAt }: ApiKeyRecord): ApiKeyView {
  return { id, name, createdAt: iso(createdAt), lastUsedAt: lastUsedAt === null ? null : iso(lastUsedAt) };
}

/** In as many details as it takes, `providers`, `providersB` and so on: one holds `MAX_TOKEN_CHARACTERS`. */
function listed(key: string, words: readonly string[]): AuditDetails {
  const lines = [''];
  for (const word of words) {
    const last = lines[lines.length - 1];
    const longer = last === '' ? word : `${last}+${word}`;
    if (longer.length > MAX_TOKEN_CHARACTERS) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  const named = lines.map((line, index) => [
    index === 0 ? key : key + 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[index],
    line,
  ]);
  return Object.fromEntries(named) as AuditDetails;
}

function approval(meetingType: string, input: MeetingTypeInput): AuditDetails {
  const { approvedClass, minimumAssurance, endToEndEncryption } = input;
  return { meetingType, ...approvedClass, minimumAssurance, endToEndEncryption };
}

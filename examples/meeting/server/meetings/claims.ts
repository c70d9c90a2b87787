/** Who takes which place in a meeting: invitations become participants, the organiser becomes host. */
import { randomUUID } from 'node:crypto';
import { reaches } from 'sluss/gateway';
import type { IdentityProof } from 'sluss/gateway';
import type { MeetingRole } from '../../shared/api.js';
import { refusal } from '../http/refusal.js';
import type { Call } from '../http/route.js';
import { isPerson } from '../identities.js';
import { type FoundInvitation, findInvitation } from '../invitations.js';
import type { ServiceContext } from '../service-context.js';
import type {
  InvitationRecord,
  OrganisationRecord,
  OrganiserRecord,
  ParticipantRecord,
  SessionIdentity,
  SessionRecord,
} from '../store/records.js';
import { type StoreGroups, StoreError } from '../store/store.js';
import type { LiveMeeting } from './live-meeting.js';
import type { MeetingHall } from './live-meetings.js';

export interface Place {
  live: LiveMeeting;
  participantId: string;
  session: SessionRecord & { identity: SessionIdentity };
  invitation: InvitationRecord | null;
}

type SignedIn = Place['session'];

export class Claims {
  constructor(
    private readonly context: Omit<ServiceContext, 'meetings'>,
    private readonly hall: MeetingHall,
  ) {}

  /** Binds an invitation to the session of whoever proves to be meant; a second device of the same person takes over. */
  async claim(call: Call): Promise<Place> {
    const session = await this.context.sessions.require(call);
    const found = await findInvitation(this.context, call.params.token);
    const { identity } = session;
    this.#checkProof(identity, found.organisation, found.meeting.minimumAssurance);
    const { invitation } = found;
    if (!this.#isInvited(identity, invitation)) throw refusal('identity-mismatch');
    const organiser = await this.context.sessions.organiserOf(session);
    this.#checkHost(identity, found, organiser);
    const live = await this.hall.get(found.meeting.id);
    const { store } = this.context;
    const earlier = await store.participants.findByInvitation(invitation.id);
    if (earlier && (earlier.subjectHash === null || !isPerson(identity, earlier.subjectHash))) {
      throw refusal('already-claimed');
    }
    await this.#take(live, session, {
      id: invitation.id,
      organisation: found.organisation,
      invitedHash: invitation.subjectHash,
      subjectHash: earlier?.subjectHash ?? invitation.subjectHash ?? identity.subjectHash,
      matchesInvitation: invitation.subjectHash !== null,
      invitationId: invitation.id,
      organiserId: organiser?.id ?? null,
      displayName: identity.subjectType === 'email' ? invitation.name : identity.name,
      role: invitation.role,
    });
    return { live, participantId: invitation.id, session, invitation };
  }

  /** The place that this session has in a meeting. The organiser of the meeting has one without an invitation. */
  async place(call: Call): Promise<Place> {
    const session = await this.context.sessions.require(call);
    const live = await this.hall.get(call.params.id);
    const { participants, invitations } = this.context.store;
    const records = await participants.list([live.id]);
    const own = records.find(
      ({ sessionHash, subjectHash }) =>
        sessionHash === session.idHash && subjectHash !== null && isPerson(session.identity, subjectHash),
    );
    if (own) {
      const invitation = own.invitationId === null ? null : await invitations.get(own.invitationId);
      return { live, participantId: own.id, session, invitation };
    }
    const organiser = await this.context.sessions.organiserOf(session);
    if (organiser && organiser.id === live.meeting.organiserId)
      return this.#host(live, session, organiser, records);
    const isElsewhere = records.some(
      ({ subjectHash }) => subjectHash !== null && isPerson(session.identity, subjectHash),
    );
    throw isElsewhere ? refusal('conflict', { localized: ELSEWHERE }) : refusal('forbidden');
  }

  /** The organiser acts from this browser now. */
  async takeOver({ live, participantId, session }: Place): Promise<void> {
    if (live.sessionOf(participantId) === session.idHash) return;
    this.hall.tickets.revoke(participantId);
    await this.context.store.participants.update(participantId, { sessionHash: session.idHash });
    live.bind(participantId, session.idHash);
  }

  async #host(
    live: LiveMeeting,
    session: SignedIn,
    organiser: OrganiserRecord,
    records: readonly ParticipantRecord[],
  ): Promise<Place> {
    const { identity } = session;
    const earlier =
      records.find(
        ({ organiserId, invitationId }) => organiserId === organiser.id && invitationId === null,
      ) ?? null;
    const knownHash = earlier?.subjectHash ?? null;
    const isProven = knownHash !== null && isPerson(identity, knownHash);
    const boundTo = earlier === null ? undefined : live.sessionOf(earlier.id);
    if (earlier && isProven && boundTo && (await this.context.sessions.check(boundTo))) {
      return { live, participantId: earlier.id, session, invitation: null };
    }
    const organisation = await this.context.store.organisations.get(live.organisation.id);
    if (live.isOver || organisation?.active !== true) throw refusal('gone');
    this.#checkProof(identity, null, live.meeting.minimumAssurance);
    const id = earlier && isProven ? earlier.id : randomUUID();
    if (earlier && !isProven) throw refusal('identity-mismatch');
    await this.#take(live, session, {
      id,
      organisation,
      invitedHash: null,
      subjectHash: earlier?.subjectHash ?? identity.subjectHash,
      matchesInvitation: true,
      invitationId: null,
      organiserId: organiser.id,
      displayName: identity.subjectType === 'email' ? organiser.name : identity.name,
      role: 'host',
    });
    return { live, participantId: id, session, invitation: null };
  }

  async #take(
    live: LiveMeeting,
    session: SignedIn,
    place: {
      id: string;
      /** As it is now: it may have changed since the meeting was loaded. */
      organisation: OrganisationRecord;
      /** Of the person whom the invitation names. */
      invitedHash: string | null;
      subjectHash: string;
      matchesInvitation: boolean;
      invitationId: string | null;
      organiserId: string | null;
      displayName: string;
      role: MeetingRole;
    },
  ): Promise<void> {
    const { id, subjectHash, displayName, role } = place;
    const { identity } = session;
    const proof: IdentityProof = {
      provider: identity.provider,
      assurance: identity.assurance,
      matchesInvitation: place.matchesInvitation,
      name: displayName,
      pseudonym: this.context.identities.pseudonym(subjectHash),
    };
    const proven = {
      displayName,
      provider: identity.provider,
      assurance: identity.assurance,
      evidenceHash: identity.evidenceHash,
      evidence: place.organisation.keepEvidence ? identity.evidence : null,
      sessionHash: session.idHash,
      verifiedAt: identity.authenticatedAt,
    };
    const write = async (tx: StoreGroups): Promise<void> => {
      // Looked up here: the same person may claim it from two devices at once.
      if (await tx.participants.get(id)) {
        await tx.participants.update(id, proven);
        return;
      }
      const { invitationId, organiserId } = place;
      const record = { id, meetingId: live.id, invitationId, organiserId, role, subjectHash };
      const beginning = { state: 'identified', admittedAt: null, leftAt: null } as const;
      await tx.participants.insert({ ...record, ...proven, ...beginning });
    };
    // The other device's tickets are worth nothing from now on.
    this.hall.tickets.revoke(id);
    try {
      await live.change((lobby, now) => {
        const invitedIdentity = place.invitedHash ?? undefined;
        if (!lobby.participant(id)) lobby.add({ id, displayName, role, invitedIdentity }, now);
        lobby.identify(id, proof, now);
      }, write);
    } catch (error) {
      if (error instanceof StoreError && error.code === 'duplicate') {
        throw refusal('conflict', { localized: THERE_ALREADY });
      }
      throw error;
    }
    const former = live.sessionOf(id);
    live.bind(id, session.idHash);
    if (former !== undefined && former !== session.idHash) live.closeStreamsOf(former);
  }

  #isInvited(identity: SessionIdentity, invitation: InvitationRecord): boolean {
    if (invitation.subjectHash !== null) return isPerson(identity, invitation.subjectHash);
    if (identity.subjectType !== 'email') return true;
    // Who reads the mail is who was invited; another address proves nothing about that.
    return (
      invitation.email !== null && isPerson(identity, this.context.identities.hash('email', invitation.email))
    );
  }

  /**
   * A host comes in without being let in, and lets others in: a link that names nobody makes one only of an organiser of the
   * same organisation, or of whoever reads the mailbox that was invited.
   */
  #checkHost(
    identity: SessionIdentity,
    { invitation, organisation }: FoundInvitation,
    organiser: OrganiserRecord | null,
  ): void {
    if (invitation.role !== 'host' || invitation.subjectHash !== null) return;
    if (identity.subjectType === 'email' || organiser?.organisationId === organisation.id) return;
    throw refusal('identity-mismatch', { localized: HOST_UNKNOWN });
  }

  /** `organisation` null: an organiser of its own, who was let in when logging in. */
  #checkProof(
    identity: SessionIdentity,
    organisation: OrganisationRecord | null,
    minimum: SessionIdentity['assurance'],
  ): void {
    if (!reaches(identity.assurance, minimum)) throw refusal('assurance-too-low');
    if (organisation && !organisation.providers.includes(identity.provider)) {
      throw refusal('forbidden', { localized: NOT_APPROVED });
    }
  }
}

const ELSEWHERE = {
  sv: 'Du deltar redan från en annan webbläsare. Öppna inbjudan här för att fortsätta på den här enheten.',
  en: 'You take part from another browser already. Open the invitation here to go on with this device.',
};
const THERE_ALREADY = {
  sv: 'Du är redan med i mötet genom en annan inbjudan.',
  en: 'You are in the meeting already, by another invitation.',
};
const HOST_UNKNOWN = {
  sv: 'Inbjudan gäller en mötesvärd, men du är inte mötesarrangör i organisationen. Be om en inbjudan med ditt personnummer.',
  en: 'The invitation is for a host, but you are no organiser of the organisation. Ask for one with your personal number.',
};
const NOT_APPROVED = {
  sv: 'Organisationen godtar inte den e-legitimation du använde. Identifiera dig med en av dem som visas.',
  en: 'The organisation does not accept the e-ID you used. Identify with one of those that are shown.',
};

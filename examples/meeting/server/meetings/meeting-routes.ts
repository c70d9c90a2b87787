/** What a participant does: from the invitation to the ticket, and what the page is told meanwhile. */
import type { InvitationView, ParticipantView, TicketView } from '../../shared/api.js';
import { iceServersFor } from '../config-turn.js';
import { refusal } from '../http/refusal.js';
import { type Call, events, file, json, empty, type Reply, type Route } from '../http/route.js';
import { boolean, id as idShape, integer, object, oneOf, optional, text } from '../http/shape.js';
import { findInvitation, type FoundInvitation } from '../invitations.js';
import type { ServiceContext } from '../service-context.js';
import type { InvitationRecord, MeetingRecord } from '../store/records.js';
import { Claims, type Place } from './claims.js';
import type { MeetingHall } from './live-meetings.js';
import { lobbyRefusal } from './lobby-refusal.js';

/** What is to be paid before the waiting room; without payment nothing is. */
export interface PaymentCheck {
  view(meeting: MeetingRecord, invitation: InvitationRecord): Promise<InvitationView['payment']>;
  /** Throws `payment-required`. */
  requirePaid(meeting: MeetingRecord, invitation: InvitationRecord | null): Promise<void>;
}

const LOBBY_ACTIONS = {
  admit: object({ participantId: optional(idShape), all: optional(boolean) }),
  deny: object({ participantId: idShape, reason: text(0, 500) }),
  notice: object({ text: text(0, 1000) }),
  remove: object({ participantId: idShape, reason: text(0, 500) }),
  mute: object({ participantId: idShape }),
  lock: object({ locked: boolean }),
  end: object({}),
};
const waitRequest = object({ undisturbed: boolean });
const documentRequest = object({ size: integer(1, Number.MAX_SAFE_INTEGER) });
const actionName = oneOf(['admit', 'deny', 'notice', 'remove', 'mute', 'lock', 'end']);

export function meetingRoutes(
  context: Omit<ServiceContext, 'meetings'>,
  hall: MeetingHall,
  payments: PaymentCheck,
): Route[] {
  const desk = new MeetingDesk(context, hall, payments);
  const lobby = ['lobby'] as const;
  return [
    {
      method: 'GET',
      pattern: '/api/invitations/:token',
      limits: ['invitation'],
      handler: (call) => desk.invitation(call),
    },
    {
      method: 'POST',
      pattern: '/api/invitations/:token/claim',
      limits: ['invitation'],
      handler: (call) => desk.claim(call),
    },
    {
      method: 'GET',
      pattern: '/api/meetings/:id/me',
      limits: lobby,
      byItself: true,
      handler: (call) => desk.me(call),
    },
    {
      method: 'POST',
      pattern: '/api/meetings/:id/me/wait',
      limits: lobby,
      handler: (call) => desk.wait(call),
    },
    {
      method: 'POST',
      pattern: '/api/meetings/:id/me/leave',
      limits: lobby,
      handler: (call) => desk.leave(call),
    },
    {
      method: 'POST',
      pattern: '/api/meetings/:id/me/ticket',
      limits: lobby,
      handler: (call) => desk.ticket(call),
    },
    {
      method: 'GET',
      pattern: '/api/meetings/:id/events',
      limits: lobby,
      byItself: true,
      handler: (call) => desk.events(call),
    },
    {
      method: 'POST',
      pattern: '/api/meetings/:id/lobby/:action',
      limits: lobby,
      handler: (call) => desk.act(call),
    },
    {
      method: 'POST',
      pattern: '/api/meetings/:id/documents',
      limits: ['documents'],
      handler: (call) => desk.announceDocument(call),
    },
    {
      method: 'PUT',
      pattern: '/api/meetings/:id/documents/:document',
      limits: ['documents'],
      handler: (call) => desk.storeDocument(call),
    },
    {
      method: 'GET',
      pattern: '/api/meetings/:id/documents/:document',
      limits: ['documents'],
      handler: (call) => desk.document(call),
    },
  ];
}

class MeetingDesk {
  readonly #claims: Claims;

  constructor(
    private readonly context: Omit<ServiceContext, 'meetings'>,
    private readonly hall: MeetingHall,
    private readonly payments: PaymentCheck,
  ) {
    this.#claims = new Claims(context, hall);
  }

  async invitation(call: Call): Promise<Reply> {
    return json(await this.#invitationView(await findInvitation(this.context, call.params.token)));
  }

  async claim(call: Call): Promise<Reply> {
    return this.#me(await this.#claims.claim(call));
  }

  async me(call: Call): Promise<Reply> {
    return this.#me(await this.#claims.place(call));
  }

  async wait(call: Call): Promise<Reply> {
    const place = await this.#place(call);
    const { undisturbed } = await call.json(waitRequest);
    if (!undisturbed) throw refusal('bad-request', { field: 'undisturbed', localized: UNDISTURBED });
    const { live, participantId, invitation } = place;
    await this.payments.requirePaid(live.meeting, invitation);
    await this.#claims.takeOver(place);
    // Said twice, as after a lost answer, it is true all the same.
    const state = live.lobby.participant(participantId)?.state;
    if (state !== 'waiting' && state !== 'admitted') {
      await live.change((lobby, now) => lobby.wait(participantId, now));
    }
    return this.#me(place);
  }

  async leave(call: Call): Promise<Reply> {
    const place = await this.#place(call);
    const { live, participantId } = place;
    if (live.lobby.participant(participantId)?.state !== 'left') {
      await live.change((lobby, now) => lobby.leave(participantId, now));
    }
    return this.#me(place);
  }

  /** The level is asked for here and once more when the ticket is used. */
  async ticket(call: Call): Promise<Reply> {
    const place = await this.#place(call);
    const { live, participantId, session } = place;
    this.context.limits.take('ticket', session.idHash);
    // What is not written down yet admits nobody.
    await live.settled();
    const refused = live.lobby.mayEnter(participantId, session.identity.assurance, this.context.now());
    if (refused) throw lobbyRefusal(refused);
    await this.#claims.takeOver(place);
    const room = live.id;
    const ticket = this.hall.tickets.issue({ room, participantId, sessionId: session.idHash });
    const displayName = live.lobby.participant(participantId)!.displayName;
    // Only here: an open relay would carry anybody's traffic.
    const iceServers = iceServersFor(this.context.config.turn, participantId, this.context.now());
    return json({ ticket, room, displayName, iceServers } satisfies TicketView);
  }

  async events(call: Call): Promise<Reply> {
    const { live, participantId, session } = await this.#claims.place(call);
    return events((stream) => live.watch(stream, participantId, session.idHash));
  }

  async act(call: Call): Promise<Reply> {
    const { live, participantId: by, session } = await this.#place(call);
    this.context.limits.take('lobby-session', session.idHash);
    const action = actionName(call.params.action, 'action');
    const me = live.lobby.participant(by);
    const acts = live.lobby.isHost(by) && me?.state === 'admitted';
    // Those who wait hear from a host who is late, too.
    const tells = action === 'notice' && live.lobby.isExpectedHost(by);
    if (!acts && !tells) throw refusal('forbidden');
    switch (action) {
      case 'admit': {
        const { participantId, all } = await call.json(LOBBY_ACTIONS.admit);
        if (all === true) await live.change((lobby, now) => lobby.admitAll(by, now));
        else if (participantId === undefined) throw refusal('bad-request', { field: 'participantId' });
        else if (live.isRevoked(participantId)) throw refusal('not-found');
        else await live.change((lobby, now) => lobby.admit(participantId, by, now));
        break;
      }
      case 'deny': {
        const { participantId, reason } = await call.json(LOBBY_ACTIONS.deny);
        await live.change((lobby, now) => lobby.deny(participantId, reason, by, now));
        break;
      }
      case 'notice': {
        const notice = await call.json(LOBBY_ACTIONS.notice);
        await live.change((lobby, now) => lobby.setNotice(notice.text, by, now));
        break;
      }
      case 'remove': {
        const { participantId, reason } = await call.json(LOBBY_ACTIONS.remove);
        await live.change((lobby, now) => lobby.remove(participantId, reason, by, now));
        break;
      }
      case 'mute': {
        const { participantId } = await call.json(LOBBY_ACTIONS.mute);
        await live.change((lobby, now) => lobby.mute(participantId, 'microphone', by, now));
        break;
      }
      case 'lock': {
        const { locked } = await call.json(LOBBY_ACTIONS.lock);
        await live.change((lobby, now) => {
          if (locked === lobby.locked) return;
          if (locked) lobby.lock(by, now);
          else lobby.unlock(by, now);
        });
        break;
      }
      case 'end':
        await this.hall.end(live, 'ended-by-host', by);
    }
    return json(live.lobbyView());
  }

  async announceDocument(call: Call): Promise<Reply> {
    const { live, participantId } = await this.#admitted(call);
    const { size } = await call.json(documentRequest);
    return json(
      { documentId: await this.hall.documents.announce(live.id, participantId, size) },
      { status: 201 },
    );
  }

  async storeDocument(call: Call): Promise<Reply> {
    const { live, participantId } = await this.#admitted(call);
    await this.hall.documents.store(live.id, call.params.document, participantId, (size, take) =>
      call.bytes(size, take),
    );
    return empty();
  }

  async document(call: Call): Promise<Reply> {
    const { live } = await this.#admitted(call);
    const { path, size } = await this.hall.documents.find(live.id, call.params.document);
    return file(path, size, 'application/octet-stream');
  }

  #me({ live, participantId }: Place): Reply {
    return json(live.me(participantId) satisfies ParticipantView);
  }

  /** In a meeting that is not over. */
  async #place(call: Call): Promise<Place> {
    const place = await this.#claims.place(call);
    this.context.limits.take('lobby-session', place.session.idHash);
    if (place.live.isOver) throw refusal('gone');
    return place;
  }

  async #admitted(call: Call): Promise<Place> {
    const place = await this.#claims.place(call);
    const { live, participantId } = place;
    if (live.isOver) throw refusal('gone');
    if (live.lobby.participant(participantId)?.state !== 'admitted') throw refusal('not-admitted');
    return place;
  }

  async #invitationView({ invitation, meeting, organisation }: FoundInvitation): Promise<InvitationView> {
    const organiser = await this.context.store.organisers.get(meeting.organiserId);
    return {
      meetingId: meeting.id,
      organisation: organisation.name,
      organiser: organiser?.name ?? organisation.name,
      startsAt: new Date(meeting.startsAt).toISOString(),
      durationMinutes: meeting.durationMinutes,
      status: meeting.status,
      role: invitation.role,
      minimumAssurance: meeting.minimumAssurance,
      endToEndEncryption: meeting.endToEndEncryption,
      support: organisation.support,
      payment: await this.payments.view(meeting, invitation),
    };
  }
}

const UNDISTURBED = {
  sv: 'Bekräfta att du sitter ostört.',
  en: 'Confirm that you sit undisturbed.',
};

/**
 * Between lobbies and a gateway: nobody gets a WebSocket into a room, let alone media, whom the meeting's lobby does not let
 * in at that moment, and whoever the lobby turns away is out in the same moment.
 *
 * 1. `const admission = new Admission({ tickets, lobby, session })`
 * 2. `const gateway = await createGateway({ ...admission.hooks, ... })`
 * 3. `admission.control(gateway.rooms)`
 */
import type { LeaveReason } from '../../signalling/protocol.js';
import type { ParticipantInfo } from '../../signalling/messages.js';
import type { Assurance } from '../eid/eid-provider.js';
import type { AuthorizeRequest, AuthorizeResult, GatewayOptions } from '../options.js';
import type { RoomControl } from '../room-control.js';
import { LobbyError } from './lobby-error.js';
import type { Lobby } from './lobby.js';
import type { LobbyChange, LobbyParticipant } from './lobby-types.js';
import type { TicketOffice } from './ticket-office.js';

export interface AdmissionOptions {
  tickets: TicketOffice;
  /** The lobby of a room; undefined: there is no such meeting. */
  lobby(room: string): Lobby | undefined;
  /**
   * What the session behind a ticket proves about this participant at this moment; null: it has ended, or is somebody
   * else's.
   */
  session(
    sessionId: string,
    participantId: string,
  ): AdmissionSession | null | Promise<AdmissionSession | null>;
  /** What the others in the room are told of somebody. Default: role, provider and assurance. */
  info?(participant: LobbyParticipant): ParticipantInfo;
  /** Milliseconds since 1970. Default: `Date.now`. */
  now?: () => number;
}

export interface AdmissionSession {
  assurance: Assurance;
}

/** Whoever shows no good ticket learns no more than that. */
const NO_TICKET = 'show a valid ticket';

export class Admission {
  /** For `createGateway`. */
  readonly hooks: Required<Pick<GatewayOptions, 'authorize' | 'onPeerJoined' | 'onPeerLeft'>>;
  #rooms: RoomControl | null = null;
  readonly #followed = new WeakMap<Lobby, () => void>();
  readonly #now: () => number;

  constructor(private readonly options: AdmissionOptions) {
    this.#now = options.now ?? Date.now;
    this.hooks = {
      authorize: (request) => this.authorize(request),
      onPeerJoined: (room, participantId) => this.#joined(room, participantId),
      onPeerLeft: (room, participantId, reason) => this.#left(room, participantId, reason),
    };
  }

  /** `Gateway.rooms`, before anybody comes. */
  control(rooms: RoomControl): void {
    this.#rooms = rooms;
  }

  /**
   * Carries out what the lobby decides, from now on; happens by itself before anybody gets in. Returns a function that ends
   * it, for a lobby that another one takes the place of.
   */
  follow(lobby: Lobby): () => void {
    const known = this.#followed.get(lobby);
    if (known) return known;
    const unsubscribe = lobby.subscribe((change) => this.#carryOut(lobby, change));
    const unfollow = (): void => {
      unsubscribe();
      this.#followed.delete(lobby);
    };
    this.#followed.set(lobby, unfollow);
    return unfollow;
  }

  async authorize({ room, ticket }: AuthorizeRequest): Promise<AuthorizeResult> {
    const holder = ticket === undefined ? null : this.options.tickets.redeem(ticket, room);
    if (!holder) return { allowed: false, message: NO_TICKET };
    const session = await this.options.session(holder.sessionId, holder.participantId);
    if (!session) return { allowed: false, message: 'the session has ended; sign in again' };
    // Last and without a pause after it: what is true here is still true when the gateway goes on.
    const lobby = this.options.lobby(room);
    const participant = lobby?.participant(holder.participantId);
    if (!lobby || !participant) return { allowed: false, message: NO_TICKET };
    this.follow(lobby);
    const refusal = lobby.mayEnter(participant.id, session.assurance, this.#now());
    if (refusal) return { allowed: false, message: refusal.code };
    return {
      allowed: true,
      displayName: participant.displayName,
      participantId: participant.id,
      info: (this.options.info ?? defaultInfo)(participant),
      capacity: lobby.settings.capacity,
    };
  }

  #joined(room: string, participantId: string): void {
    try {
      const lobby = this.options.lobby(room);
      if (!lobby) throw new LobbyError('ended', 'the meeting is not there any more');
      lobby.joinedRoom(participantId, this.#now());
    } catch (error) {
      // Turned away in the moment of coming in.
      this.#rooms?.removePeer(room, participantId, error instanceof LobbyError ? error.code : 'internal');
      if (!(error instanceof LobbyError)) throw error;
    }
  }

  #left(room: string, participantId: string, _reason: LeaveReason): void {
    const lobby = this.options.lobby(room);
    if (lobby?.participant(participantId)?.present) lobby.leftRoom(participantId, this.#now());
  }

  #carryOut({ settings: { meetingId } }: Lobby, change: LobbyChange): void {
    const { tickets } = this.options;
    const { operation, participantIds, reason = '', source } = change;
    if (operation === 'end') this.#rooms?.closeRoom(meetingId, reason);
    if (operation === 'mute') this.#rooms?.mute(meetingId, participantIds[0], source!);
    if (operation === 'remove' || operation === 'deny' || operation === 'leave') {
      for (const id of participantIds) {
        tickets.revoke(id);
        this.#rooms?.removePeer(meetingId, id, operation === 'leave' ? 'left' : reason);
      }
    }
  }
}

function defaultInfo({ role, verified }: LobbyParticipant): ParticipantInfo {
  return { role, provider: verified?.provider ?? '', assurance: verified?.assurance ?? '' };
}

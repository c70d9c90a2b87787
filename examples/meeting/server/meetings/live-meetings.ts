/** All meetings that somebody has to do with now, and their connection with the gateway's rooms. */
import {
  Admission,
  type AdmissionSession,
  type GatewayOptions,
  type RoomControl,
  TicketOffice,
} from 'sluss/gateway';
import { refusal } from '../http/refusal.js';
import { isPerson } from '../identities.js';
import type { LiveMeetings, ServiceContext } from '../service-context.js';
import { verifiedPerson } from '../session-routes.js';
import type { MeetingRecord, SessionRecord } from '../store/records.js';
import { Documents } from './documents.js';
import { LiveMeeting } from './live-meeting.js';

/** A meeting that nobody ended is over so long after its planned end. */
export const ENDS_AFTER_MS = 2 * 60 * 60_000;
const TICK_MS = 60_000;

type Context = Omit<ServiceContext, 'meetings'>;

export class MeetingHall implements LiveMeetings {
  readonly tickets: TicketOffice;
  readonly documents: Documents;
  readonly #admission: Admission;
  readonly #meetings = new Map<string, Promise<LiveMeeting | null>>();
  /** Those loaded, for the admission, which does not wait. */
  readonly #loaded = new Map<string, LiveMeeting>();
  #rooms: RoomControl | null = null;
  #timer: NodeJS.Timeout | undefined;
  #ticking: Promise<void> | null = null;

  constructor(
    private readonly context: Context,
    documentsFolder: string,
  ) {
    this.tickets = new TicketOffice();
    this.documents = new Documents(documentsFolder, () => context.now());
    this.#admission = new Admission({
      tickets: this.tickets,
      lobby: (room) => this.#loaded.get(room)?.lobby,
      session: (sessionId, participantId) => this.#provenBy(sessionId, participantId),
      now: () => context.now(),
    });
    context.sessions.onEnded((idHash, replacement) => this.#sessionEnded(idHash, replacement));
  }

  /** For `createGateway`. */
  get hooks(): Required<Pick<GatewayOptions, 'authorize' | 'onPeerJoined' | 'onPeerLeft'>> {
    return this.#admission.hooks;
  }

  /** Takes up again what was open, and looks after it from now on. */
  async start(rooms: RoomControl): Promise<void> {
    this.#rooms = rooms;
    this.#admission.control(rooms);
    const { store } = this.context;
    const open = await store.participants.openLobbies();
    for (const { meetingId } of open) await this.#try(meetingId, () => this.find(meetingId));
    await this.documents.clean(async (meetingId) => {
      const meeting = await store.meetings.get(meetingId);
      return meeting?.status === 'planned' || meeting?.status === 'open';
    });
    await this.tick();
    this.#timer = setInterval(() => void this.tick(), TICK_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#ticking;
    for (const meeting of this.#loaded.values()) {
      await meeting.settled();
      meeting.close();
    }
    this.#loaded.clear();
    this.#meetings.clear();
  }

  /** Throws `not-found`. */
  async get(meetingId: string): Promise<LiveMeeting> {
    const meeting = await this.find(meetingId);
    if (!meeting) throw refusal('not-found');
    return meeting;
  }

  find(meetingId: string): Promise<LiveMeeting | null> {
    let found = this.#meetings.get(meetingId);
    if (!found) {
      found = this.#load(meetingId);
      this.#meetings.set(meetingId, found);
      // What does not exist, or could not be read, is asked for anew the next time.
      found.then(
        (meeting) => {
          if (!meeting || meeting.isOver) this.#meetings.delete(meetingId);
        },
        () => this.#meetings.delete(meetingId),
      );
    }
    return found;
  }

  async changed(meetingId: string): Promise<void> {
    const meeting = await (this.#meetings.get(meetingId) ?? null);
    if (!meeting) return;
    await meeting.refresh();
    if (meeting.meeting.status === 'cancelled' && !meeting.lobby.ended) {
      await meeting.change((lobby, now) => lobby.end('cancelled', null, now));
    }
    if (meeting.isOver) await this.#dispose(meeting);
  }

  /** Ends a meeting for all and deletes its documents. */
  async end(meeting: LiveMeeting, reason: string, by: string | null): Promise<void> {
    await meeting.change((lobby, now) => lobby.end(reason, by, now));
    await this.#dispose(meeting);
  }

  async sessionsEnded(): Promise<void> {
    for (const idHash of this.#watchingSessions().keys()) await this.context.sessions.check(idHash);
  }

  /** Once a minute: who is there stays signed in, who is not any more goes, and what is long over ends. */
  tick(): Promise<void> {
    this.#ticking ??= this.#tick().finally(() => {
      this.#ticking = null;
    });
    return this.#ticking;
  }

  async #tick(): Promise<void> {
    const { context } = this;
    try {
      for (const [idHash, isThere] of this.#watchingSessions()) {
        await (isThere ? context.sessions.keepAlive(idHash) : context.sessions.check(idHash));
      }
      const now = context.now();
      const started = await context.store.meetings.list({
        to: now - ENDS_AFTER_MS,
        status: ['planned', 'open'],
      });
      for (const record of started) {
        if (now >= overAt(record)) await this.#try(record.id, () => this.#endForgotten(record));
      }
      for (const meeting of [...this.#loaded.values()]) {
        if (!meeting.isWatched && meeting.meeting.status !== 'open') await this.#unload(meeting);
      }
    } catch (error) {
      context.log.error({ err: error }, 'meetings could not be looked after');
    }
  }

  /** What is wrong with one meeting must not cost the others anything. */
  async #try(meetingId: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.context.log.error({ err: error, meetingId }, 'a meeting could not be looked after');
    }
  }

  /** True: somebody who is plainly there in at least one meeting. */
  #watchingSessions(): Map<string, boolean> {
    const all = new Map<string, boolean>();
    for (const meeting of this.#loaded.values()) {
      for (const [idHash, isThere] of meeting.watchingSessions()) {
        all.set(idHash, isThere || all.get(idHash) === true);
      }
    }
    return all;
  }

  async #endForgotten({ id }: MeetingRecord): Promise<void> {
    const meeting = await this.find(id);
    if (meeting && !meeting.isOver) await this.end(meeting, 'time-over', null);
  }

  async #load(meetingId: string): Promise<LiveMeeting | null> {
    const { context } = this;
    const meeting = await LiveMeeting.load(meetingId, {
      store: context.store,
      now: () => context.now(),
      verifiedPerson: (proof) => verifiedPerson(context, proof),
      follow: (lobby) => this.#admission.follow(lobby),
      onTrouble: (id, error) => {
        context.log.error({ err: error, meetingId: id }, 'a change of a lobby could not be written down');
      },
      onOutdated: (outdated) => this.#throwAway(outdated),
      evict: (id, participantId) => this.#rooms?.removePeer(id, participantId, 'not-admitted'),
    });
    if (meeting?.isOver === true) meeting.close();
    else if (meeting) this.#loaded.set(meetingId, meeting);
    return meeting;
  }

  /** The room goes with it: people come back into what the store holds. */
  #throwAway(meeting: LiveMeeting): void {
    this.context.log.error(
      { meetingId: meeting.id },
      'another server has changed this lobby; it is read anew',
    );
    this.#letGo(meeting);
    this.#rooms?.closeRoom(meeting.id, 'internal');
  }

  async #unload(meeting: LiveMeeting): Promise<void> {
    await meeting.settled();
    if (!meeting.isWatched) this.#letGo(meeting);
  }

  async #dispose(meeting: LiveMeeting): Promise<void> {
    await meeting.settled();
    await this.documents.deleteMeeting(meeting.id);
    this.#letGo(meeting);
  }

  /** Another one may have taken its place already: that one stays. */
  #letGo(meeting: LiveMeeting): void {
    if (this.#loaded.get(meeting.id) === meeting) {
      this.#loaded.delete(meeting.id);
      this.#meetings.delete(meeting.id);
    }
    meeting.close();
  }

  /** What the session behind a ticket proves about a participant now. */
  async #provenBy(sessionHash: string, participantId: string): Promise<AdmissionSession | null> {
    const session = await this.context.sessions.check(sessionHash);
    const record = await this.context.store.participants.get(participantId);
    if (!session?.identity || record?.sessionHash !== sessionHash || record.subjectHash === null) return null;
    if (!isPerson(session.identity, record.subjectHash)) return null;
    return { assurance: session.identity.assurance };
  }

  #sessionEnded(idHash: string, replacement: SessionRecord | null): void {
    for (const meeting of this.#loaded.values()) {
      const participantId = meeting.participantOf(idHash);
      meeting.closeStreamsOf(idHash);
      if (participantId === undefined) continue;
      this.tickets.revoke(participantId);
      const proof = meeting.lobby.participant(participantId)?.verified;
      const isSame =
        replacement?.identity &&
        [replacement.identity.subjectHash, ...replacement.identity.otherHashes]
          .map((hash) => this.context.identities.pseudonym(hash))
          .includes(proof?.pseudonym ?? '');
      if (isSame && replacement) meeting.bind(participantId, replacement.idHash);
      else this.#rooms?.removePeer(meeting.id, participantId, 'session-ended');
    }
  }
}

function overAt({ startsAt, durationMinutes }: MeetingRecord): number {
  return startsAt + durationMinutes * 60_000 + ENDS_AFTER_MS;
}

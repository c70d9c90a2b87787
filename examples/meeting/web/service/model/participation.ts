import { batch, signal } from '@preact/signals';
import type { InvitationView, LobbyView, ParticipantView, TicketView } from '../../../shared/api.js';
import type { StreamState } from '../api/event-stream.js';
import {
  getMe,
  getPayment,
  getTicket,
  leave,
  openMeetingEvents,
  startPayment,
  wait,
} from '../api/meeting-api.js';
import { Resource } from './resource.js';

/**
 * One person's way through one meeting: waiting, let in, out again. The server decides; this follows. While it is open the
 * server keeps who waits or is let in signed in.
 */
export class Participation {
  readonly me: Resource<ParticipantView>;
  /** Only hosts get it. */
  readonly lobby = signal<LobbyView | null>(null);
  readonly stream = signal<StreamState>('connecting');
  /** Why the meeting ended for everybody, when it has. */
  readonly ended = signal<string | null>(null);
  readonly payment = signal<InvitationView['payment']>(null);
  /** Came with the newest ticket; null: they were handed out. */
  #iceServers: TicketView['iceServers'] | null = null;
  #closeStream: () => void = () => {};

  constructor(
    readonly meetingId: string,
    /** Each state as it comes, with the one before (null for the first). */
    private readonly onChange: (me: ParticipantView, before: ParticipantView | null) => void,
  ) {
    this.me = new Resource(() => getMe(meetingId));
  }

  async open(): Promise<void> {
    await this.me.load();
    if (this.me.value === null) return;
    this.#closeStream();
    this.#closeStream = openMeetingEvents(this.meetingId, {
      onState: (state) => this.#streamState(state),
      onEvent: (name, data) => this.#event(name, data),
    });
  }

  close(): void {
    this.#closeStream();
  }

  get isHost(): boolean {
    return this.me.value?.role === 'host';
  }

  async wait(): Promise<void> {
    this.#take(await wait(this.meetingId));
  }

  async leave(): Promise<void> {
    this.#take(await leave(this.meetingId));
  }

  /** A ticket for one connection to the room. */
  async ticket(): Promise<string> {
    const { ticket, iceServers } = await getTicket(this.meetingId);
    this.#iceServers = iceServers;
    return ticket;
  }

  /** Those of the newest ticket, once; then of a further one, which nobody uses and which ends by itself. */
  async iceServers(): Promise<TicketView['iceServers']> {
    if (this.#iceServers === null) await this.ticket();
    const iceServers = this.#iceServers ?? [];
    this.#iceServers = null;
    return iceServers;
  }

  /** What there is to pay; hosts and those whose invitation costs nothing have null. */
  async loadPayment(): Promise<void> {
    this.payment.value = await getPayment(this.meetingId).catch(() => null);
  }

  async pay(): Promise<string> {
    return (await startPayment(this.meetingId)).redirectUrl;
  }

  #streamState(state: StreamState): void {
    this.stream.value = state;
    // Refused: signed out, or nothing to do with this meeting any more. The plain request says which.
    if (state === 'refused') void this.me.load();
  }

  #event(name: string, data: unknown): void {
    if (name === 'me') this.#take(data as ParticipantView);
    else if (name === 'lobby') this.lobby.value = data as LobbyView;
    else if (name === 'ended') this.ended.value = (data as { reason?: string }).reason ?? '';
  }

  #take(me: ParticipantView): void {
    const before = this.me.value;
    batch(() => {
      this.me.set(me);
      this.onChange(me, before);
    });
  }
}

/** The pages that look at one meeting: each is told what is new to it, and nothing twice. */
import type { Lobby } from 'sluss/gateway';
import type { LobbyView, ParticipantView } from '../../shared/api.js';
import type { EventStream } from '../http/event-stream.js';

/** Pages of one person that look at the same time; the oldest is let go. */
const MAX_STREAMS = 4;

/** The meeting as pages are shown it. */
export interface Shown {
  /** Why it is over; null while it is not. */
  readonly endedReason: string | null;
  /** Another one from time to time. */
  readonly lobby: Lobby;
  me(participantId: string): ParticipantView;
  lobbyView(): LobbyView;
}

interface Viewer {
  stream: EventStream;
  participantId: string;
  sessionHash: string;
  /** What was sent last. */
  sentMe: string;
  sentLobby: string;
}

export class Viewers {
  readonly #viewers = new Set<Viewer>();

  constructor(private readonly shown: Shown) {}

  get size(): number {
    return this.#viewers.size;
  }

  /** Of each page: whose it is, and the session that it was opened with. */
  list(): { participantId: string; sessionHash: string }[] {
    return [...this.#viewers].map(({ participantId, sessionHash }) => ({ participantId, sessionHash }));
  }

  add(stream: EventStream, participantId: string, sessionHash: string): void {
    const viewer: Viewer = { stream, participantId, sessionHash, sentMe: '', sentLobby: '' };
    const own = [...this.#viewers].filter((other) => other.participantId === participantId);
    for (const old of own.slice(0, Math.max(0, own.length - MAX_STREAMS + 1))) old.stream.end();
    this.#viewers.add(viewer);
    stream.onClose(() => this.#viewers.delete(viewer));
    this.#tell(viewer);
  }

  /** What is new to them. */
  tellAll(): void {
    for (const viewer of [...this.#viewers]) this.#tell(viewer);
  }

  closeThoseOf(sessionHash: string): void {
    for (const viewer of [...this.#viewers]) if (viewer.sessionHash === sessionHash) viewer.stream.end();
  }

  close(): void {
    for (const { stream } of [...this.#viewers]) stream.end();
  }

  #tell(viewer: Viewer): void {
    this.#show(viewer);
    const reason = this.shown.endedReason;
    if (reason === null) return;
    viewer.stream.send('ended', { reason });
    viewer.stream.end();
  }

  #show(viewer: Viewer): void {
    const { stream, participantId } = viewer;
    const { lobby } = this.shown;
    const participant = lobby.participant(participantId);
    if (!participant) return;
    const me = this.shown.me(participantId);
    const text = JSON.stringify(me);
    if (text !== viewer.sentMe) {
      viewer.sentMe = text;
      stream.send('me', me);
    }
    // Only hosts see who else is there, and only those who have proven to be one: also before they begin, so that a late
    // one knows who waits.
    if (!lobby.isHost(participantId) || participant.verified === null || participant.state === 'denied')
      return;
    const view = this.shown.lobbyView();
    const viewText = JSON.stringify(view);
    if (viewText === viewer.sentLobby) return;
    viewer.sentLobby = viewText;
    stream.send('lobby', view);
  }
}

/** A gateway with a lobby before it, as a meeting service puts them together. */
import type { Test } from 'tap';
import {
  Admission,
  type AdmissionSession,
  type GatewayOptions,
  Lobby,
  type LobbySettings,
  TicketOffice,
} from '#src/gateway/index.js';
import type { JoinResponse, Requests } from '#src/signalling/messages.js';
import { startGateway, TestClient, type TestGateway } from '../test-client.js';
import { proof, START } from './lobby-people.js';

export interface MeetingPlace extends TestGateway {
  lobby: Lobby;
  admission: Admission;
  tickets: TicketOffice;
  /** Sessions that are alive, and what they prove. */
  sessions: Map<string, AdmissionSession>;
  /** Of the ticket office. */
  clock: { now: number };
  /** What a page with this participant's session gets by HTTP. */
  ticket: (id: string, room?: string) => string;
  /** Invited, identified, waiting, admitted. */
  admit: (id: string) => void;
  /** As the page does it: ticket, WebSocket, join. */
  enter: (
    id: string,
    more?: Partial<Requests['join']['data']>,
  ) => Promise<{ client: TestClient; joined: JoinResponse }>;
}

/** With `host` in the room. */
export async function openMeeting(
  t: Test,
  {
    settings = {},
    gateway: options = {},
  }: { settings?: Partial<LobbySettings>; gateway?: Partial<GatewayOptions> } = {},
): Promise<MeetingPlace & { host: TestClient }> {
  const lobby = new Lobby({
    meetingId: 'meeting',
    capacity: 5,
    minimumAssurance: 'substantial',
    hosts: ['host'],
    ...settings,
  });
  const clock = { now: 0 };
  const tickets = new TicketOffice({ now: () => clock.now });
  const sessions = new Map<string, AdmissionSession>();
  const lobbies = new Map([[lobby.settings.meetingId, lobby]]);
  const admission = new Admission({
    tickets,
    lobby: (room) => lobbies.get(room),
    session: (sessionId) => sessions.get(sessionId) ?? null,
    now: () => START,
  });
  const started = await startGateway(t, { ...admission.hooks, ...options });
  admission.control(started.gateway.rooms);

  const identified = (id: string): void => {
    lobby.add({ id, displayName: id, role: 'participant' }, START);
    lobby.identify(id, proof({ name: `Person ${id}` }), START);
    sessions.set(`session of ${id}`, { assurance: 'substantial' });
    lobby.wait(id, START);
  };
  const place: MeetingPlace = {
    ...started,
    ...{ lobby, admission, tickets, sessions, clock },
    ticket: (participantId, room = 'meeting') =>
      tickets.issue({ room, participantId, sessionId: `session of ${participantId}` }),
    admit: (id) => {
      identified(id);
      lobby.admit(id, 'host', START);
    },
    enter: (id, more) =>
      TestClient.join(t, started.url, {
        room: 'meeting',
        displayName: 'whatever the page says',
        ticket: place.ticket(id),
        ...more,
      }),
  };
  identified('host');
  const { client: host } = await place.enter('host');
  return { ...place, host };
}

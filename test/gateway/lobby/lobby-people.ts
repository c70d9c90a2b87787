/** A meeting with people in it, for tests of the lobby. */
import type { IdentityProof, LobbySettings } from '#src/gateway/index.js';
import { Lobby, LobbyError } from '#src/gateway/index.js';

export const START = 1_800_000_000_000;

export function proof(more: Partial<IdentityProof> = {}): IdentityProof {
  return {
    provider: 'bankid',
    assurance: 'substantial',
    matchesInvitation: false,
    name: 'Anna Andersson',
    ...more,
  };
}

export function createLobby(settings: Partial<LobbySettings> = {}): Lobby {
  return new Lobby({
    meetingId: 'meeting-1',
    capacity: 5,
    minimumAssurance: 'substantial',
    hosts: ['host'],
    ...settings,
  });
}

/** With `host` in the room. */
export function withHost(settings: Partial<LobbySettings> = {}): Lobby {
  const lobby = createLobby(settings);
  lobby.add({ id: 'host', displayName: 'Host', role: 'participant' }, START);
  lobby.identify('host', proof({ name: 'Helga Host' }), START);
  lobby.wait('host', START);
  lobby.joinedRoom('host', START);
  return lobby;
}

/** Invited, identified and waiting. */
export function comes(lobby: Lobby, id: string, now = START): void {
  lobby.add({ id, displayName: id, role: 'participant' }, now);
  lobby.identify(id, proof({ name: id, pseudonym: `hash of ${id}` }), now);
  lobby.wait(id, now);
}

/** The code with which it is refused; `done` when it is not. */
export function codeOf(operation: () => unknown): string {
  try {
    operation();
    return 'done';
  } catch (error) {
    if (error instanceof LobbyError) return error.code;
    throw error;
  }
}

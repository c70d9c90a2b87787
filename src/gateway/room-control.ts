/** What the application may do to rooms and the people in them: `Gateway.rooms`. */
import { CloseCode, type ProducerSource } from '../signalling/protocol.js';
import type { Peer } from './peer.js';
import type { RoomRegistry } from './room-registry.js';

/** Somebody goes by the `participantId` of the `authorize` hook, or by the peer's id when that gave none. */
export interface RoomControl {
  /**
   * Takes somebody out (close code 4003), also one whose connection is lost or who is just coming in; a resume does not
   * bring them back. `reason` is a text for them. False: not there.
   */
  removePeer(room: string, participantId: string, reason: string): boolean;
  /** Ends what somebody sends of this source; they may publish it again. False: they send nothing of it. */
  mute(room: string, participantId: string, source: ProducerSource): boolean;
  /** Takes everybody out (close code 4004). `reason` is a text for them. A later join makes the room anew. */
  closeRoom(room: string, reason: string): void;
  /** Who is there, also with a connection that is lost but may come back. */
  participants(room: string): PresentParticipant[];
}

export interface PresentParticipant {
  participantId: string;
  peerId: string;
  displayName: string;
  /** Milliseconds since 1970. */
  joinedAt: number;
}

/** Somebody who asks to come in, and has no place in the room yet. */
export interface Arrival {
  readonly room: string;
  /** Known when `authorize` has answered. */
  participantId: string | undefined;
  /** Set when they were removed, or the room was ended, meanwhile. */
  turnedAway: { code: number; reason: string; cause: string } | null;
}

export class Rooms implements RoomControl {
  readonly #arrivals = new Set<Arrival>();

  constructor(private readonly registry: RoomRegistry) {}

  removePeer(room: string, participantId: string, reason: string): boolean {
    const turnedAway = { code: CloseCode.Removed, reason: closeReason(reason), cause: 'removed' };
    let found = false;
    for (const arrival of this.#arrivals) {
      if (arrival.room !== room || arrival.participantId !== participantId) continue;
      arrival.turnedAway = turnedAway;
      found = true;
    }
    const peer = this.#find(room, participantId);
    if (!peer) return found;
    this.registry.remove(peer, 'removed');
    peer.hangUp(turnedAway.code, turnedAway.reason, turnedAway.cause);
    return true;
  }

  mute(room: string, participantId: string, source: ProducerSource): boolean {
    const peer = this.#find(room, participantId);
    const producers = [...(peer?.producers.values() ?? [])].filter((producer) => producer.source === source);
    for (const producer of producers) peer!.room.mute(producer);
    return producers.length > 0;
  }

  closeRoom(room: string, reason: string): void {
    const turnedAway = { code: CloseCode.Ended, reason: closeReason(reason), cause: 'ended' };
    for (const arrival of this.#arrivals) if (arrival.room === room) arrival.turnedAway = turnedAway;
    const found = this.registry.rooms.get(room);
    if (!found) return;
    const peers = [...found.peers.values()];
    this.registry.removeAll(found, peers, 'ended');
    for (const peer of peers) peer.hangUp(turnedAway.code, turnedAway.reason, turnedAway.cause);
  }

  participants(room: string): PresentParticipant[] {
    const found = this.registry.rooms.get(room);
    return [...(found?.peers.values() ?? [])].map((peer) => ({
      participantId: peer.participantId,
      peerId: peer.id,
      displayName: peer.displayName,
      joinedAt: peer.joinedAt,
    }));
  }

  /** Follows somebody on the way in, so that no removal falls into the gap; call `arrived` in any case. */
  arriving(room: string): Arrival {
    const arrival: Arrival = { room, participantId: undefined, turnedAway: null };
    this.#arrivals.add(arrival);
    return arrival;
  }

  arrived(arrival: Arrival): void {
    this.#arrivals.delete(arrival);
  }

  #find(room: string, participantId: string): Peer | undefined {
    return this.registry.rooms.get(room)?.findParticipant(participantId);
  }
}

/** The reason of a close frame holds 123 bytes (RFC 6455 5.5). */
export function closeReason(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= 123) return text;
  let end = 123;
  // Not in the middle of a character.
  while ((bytes[end] & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

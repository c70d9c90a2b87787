/** All rooms and all resumable peers of this gateway. */
import type { Logger } from 'pino';
import { CloseCode, type LeaveReason } from '../signalling/protocol.js';
import type { GatewayMetrics } from './gateway-metrics.js';
import type { MediaBackend } from './media-backend.js';
import type { GatewayLimits, GatewayTiming } from './options.js';
import { Peer, type PeerIdentity, type PeerRoom } from './peer.js';
import { mediaCall, RequestError } from './request-error.js';
import { Room } from './room.js';

export interface RegistryEvents {
  /** Peers whose worker died; they are removed afterwards. */
  onPeersLost(peers: readonly Peer[]): void;
  /** The last peer of the last room left. */
  onEmpty(): void;
  onJoined(peer: Peer): void;
  /** It is in its room no more. */
  onLeft(peer: Peer, reason: LeaveReason): void;
}

export interface Newcomer extends PeerIdentity {
  displayName: string;
  /** People in the room at most, besides `limits.maxPeersPerRoom`. */
  capacity?: number;
}

export class RoomRegistry {
  readonly rooms = new Map<string, Room>();
  readonly #peersByToken = new Map<string, Peer>();

  constructor(
    private readonly media: MediaBackend,
    private readonly limits: GatewayLimits,
    private readonly timing: GatewayTiming,
    private readonly metrics: GatewayMetrics,
    private readonly log: Logger,
    private readonly events: RegistryEvents,
  ) {}

  get peerCount(): number {
    return this.#peersByToken.size;
  }

  peers(): IterableIterator<Peer> {
    return this.#peersByToken.values();
  }

  /** Over all rooms. */
  sum(count: (room: Room) => number): number {
    let sum = 0;
    for (const room of this.rooms.values()) sum += count(room);
    return sum;
  }

  findByToken(token: string): Peer | undefined {
    return this.#peersByToken.get(token);
  }

  /**
   * Makes the room if it is not there. `checkWelcome` throws when the newcomer may not come in any more. Throws
   * RequestError.
   */
  async join(roomName: string, newcomer: Newcomer, checkWelcome: () => void): Promise<Peer> {
    const { displayName, participantId, info, capacity = Infinity } = newcomer;
    const room = this.rooms.get(roomName) ?? this.#open(roomName);
    const places = Math.min(this.limits.maxPeersPerRoom, capacity);
    const present = (): Peer | undefined =>
      participantId === undefined ? undefined : room.findParticipant(participantId);
    if (room.seats - (present() ? 1 : 0) >= places) {
      throw new RequestError('room-full', `the room has its ${places} peers`);
    }
    const shard = await mediaCall(room.takeSeat());
    try {
      checkWelcome();
    } catch (error) {
      room.giveBackSeat(shard);
      throw error;
    }
    const older = present();
    if (older) {
      this.remove(older, 'replaced');
      older.hangUp(CloseCode.Replaced, 'replaced');
    }
    const peer = new Peer(room, shard, displayName, { participantId, info });
    this.#peersByToken.set(peer.resumeToken, peer);
    this.metrics.joins.add();
    room.add(peer);
    this.events.onJoined(peer);
    return peer;
  }

  remove(peer: Peer, reason: LeaveReason): void {
    this.removeAll(peer.room, [peer], reason);
  }

  /** `peers` are of this room. */
  removeAll(room: PeerRoom, peers: readonly Peer[], reason: LeaveReason): void {
    const leaving = peers.filter(({ resumeToken }) => this.#peersByToken.delete(resumeToken));
    if (leaving.length === 0) return;
    this.metrics.leaves.add(leaving.length, { reason });
    for (const { id } of leaving) this.log.info({ room: room.name, peerId: id, reason }, 'peer left');
    room.remove(leaving, reason);
    for (const peer of leaving) this.events.onLeft(peer, reason);
    if (this.#peersByToken.size === 0) this.events.onEmpty();
  }

  #open(name: string): Room {
    if (this.rooms.size >= this.limits.maxRooms) {
      throw new RequestError('too-many-rooms', `the server has its ${this.limits.maxRooms} rooms`);
    }
    const { maxConsumersPerPeer, maxConsumersPerWorker, lastN, lastNAudio } = this.limits;
    const { maxMissedBytes } = this.limits;
    const { stageStay, consumerLinger, pipeLinger } = this.timing;
    const room = new Room(name, this.media, {
      ...{ maxConsumersPerPeer, maxConsumersPerWorker, lastN, lastNAudio },
      ...{ stageStay, consumerLinger, pipeLinger, maxMissedBytes },
      log: this.log,
      onEmpty: (empty) => this.#forget(empty),
      onPeersLost: (parted, peers) => this.#workerDied(parted, peers),
      onStageChanged: (kind) => this.metrics.stageChanges.add(1, { kind }),
      onSpeakerChanged: () => this.metrics.speakerChanges.add(),
    });
    this.rooms.set(name, room);
    this.log.info({ room: name }, 'room opened');
    return room;
  }

  #forget(room: Room): void {
    if (this.rooms.get(room.name) === room) this.rooms.delete(room.name);
    room.close();
    this.log.info({ room: room.name }, 'room closed');
  }

  #workerDied(room: Room, lost: readonly Peer[]): void {
    const left = room.peers.size - lost.length;
    this.log.error({ room: room.name, lost: lost.length, left }, 'peers lost: their media worker died');
    this.events.onPeersLost(lost);
    this.removeAll(room, lost, 'room-closed');
  }
}

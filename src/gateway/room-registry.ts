/** All rooms and all resumable peers of this gateway. */
import type { Logger } from 'pino';
import type { LeaveReason } from '../signalling/protocol.js';
import type { GatewayMetrics } from './gateway-metrics.js';
import type { MediaBackend } from './media-backend.js';
import type { GatewayLimits, GatewayTiming } from './options.js';
import { Peer, type PeerRoom } from './peer.js';
import { mediaCall, RequestError } from './request-error.js';
import { Room } from './room.js';

export interface RegistryEvents {
  /** Peers whose worker died; they are removed afterwards. */
  onPeersLost(peers: readonly Peer[]): void;
  /** The last peer of the last room left. */
  onEmpty(): void;
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

  /** Makes the room if it is not there. Throws RequestError. */
  async join(roomName: string, displayName: string): Promise<Peer> {
    const room = this.rooms.get(roomName) ?? this.#open(roomName);
    if (room.seats >= this.limits.maxPeersPerRoom) {
      throw new RequestError('room-full', `the room has its ${this.limits.maxPeersPerRoom} peers`);
    }
    const shard = await mediaCall(room.takeSeat());
    const peer = new Peer(room, shard, displayName);
    this.#peersByToken.set(peer.resumeToken, peer);
    this.metrics.joins.add();
    room.add(peer);
    return peer;
  }

  remove(peer: Peer, reason: LeaveReason): void {
    this.#remove(peer.room, [peer], reason);
  }

  #remove(room: PeerRoom, peers: readonly Peer[], reason: LeaveReason): void {
    const leaving = peers.filter(({ resumeToken }) => this.#peersByToken.delete(resumeToken));
    if (leaving.length === 0) return;
    this.metrics.leaves.add(leaving.length, { reason });
    for (const { id } of leaving) this.log.info({ room: room.name, peerId: id, reason }, 'peer left');
    room.remove(leaving, reason);
    if (this.#peersByToken.size === 0) this.events.onEmpty();
  }

  #open(name: string): Room {
    if (this.rooms.size >= this.limits.maxRooms) {
      throw new RequestError('too-many-rooms', `the server has its ${this.limits.maxRooms} rooms`);
    }
    const { maxConsumersPerPeer, maxConsumersPerWorker, lastN, lastNAudio } = this.limits;
    const { stageStay, consumerLinger, pipeLinger } = this.timing;
    const room = new Room(name, this.media, {
      ...{ maxConsumersPerPeer, maxConsumersPerWorker, lastN, lastNAudio },
      ...{ stageStay, consumerLinger, pipeLinger },
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
    this.#remove(room, lost, 'room-closed');
  }
}

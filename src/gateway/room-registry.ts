/** All rooms and all resumable peers of this gateway. */
import type { Logger } from 'pino';
import type { LeaveReason } from '../signalling/protocol.js';
import type { GatewayMetrics } from './gateway-metrics.js';
import type { MediaBackend } from './media-backend.js';
import type { GatewayLimits, GatewayTiming } from './options.js';
import { Peer } from './peer.js';
import { mediaCall, RequestError } from './request-error.js';
import { Room } from './room.js';

export interface RegistryEvents {
  /** A room whose worker died; its peers are still in it. It is forgotten afterwards. */
  onWorkerDied(room: Room): void;
  /** The last peer of the last room left. */
  onEmpty(): void;
}

export class RoomRegistry {
  readonly rooms = new Map<string, Room>();
  readonly #opening = new Map<string, Promise<Room>>();
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

  findByToken(token: string): Peer | undefined {
    return this.#peersByToken.get(token);
  }

  /** Makes the room if it is not there. Throws RequestError. */
  async join(roomName: string, displayName: string): Promise<Peer> {
    const room = this.rooms.get(roomName) ?? (await this.#open(roomName));
    // The room may have ended while this caller waited for it to open.
    if (room.closed) throw new RequestError('media-unavailable', 'the room was closed; join again');
    if (room.peers.size >= this.limits.maxPeersPerRoom) {
      throw new RequestError('room-full', `the room has its ${this.limits.maxPeersPerRoom} peers`);
    }
    const peer = new Peer(room, displayName);
    this.#peersByToken.set(peer.resumeToken, peer);
    this.metrics.joins.add();
    room.add(peer);
    return peer;
  }

  remove(peer: Peer, reason: LeaveReason): void {
    if (!this.#peersByToken.delete(peer.resumeToken)) return;
    this.metrics.leaves.add(1, { reason });
    this.log.info({ room: peer.room.name, peerId: peer.id, reason }, 'peer left');
    peer.room.remove(peer, reason);
    if (this.#peersByToken.size === 0) this.events.onEmpty();
  }

  #open(name: string): Promise<Room> {
    let opening = this.#opening.get(name);
    if (!opening) {
      if (this.rooms.size + this.#opening.size >= this.limits.maxRooms) {
        throw new RequestError('too-many-rooms', `the server has its ${this.limits.maxRooms} rooms`);
      }
      opening = this.#create(name).finally(() => this.#opening.delete(name));
      this.#opening.set(name, opening);
    }
    return opening;
  }

  async #create(name: string): Promise<Room> {
    const router = await mediaCall(this.media.createRouter());
    const { maxConsumersPerPeer, lastN, lastNAudio } = this.limits;
    const { stageStay, consumerLinger } = this.timing;
    const room = new Room(name, router, {
      ...{ maxConsumersPerPeer, lastN, lastNAudio, stageStay, consumerLinger },
      log: this.log,
      onEmpty: (empty) => this.#forget(empty),
      onStageChanged: (kind) => this.metrics.stageChanges.add(1, { kind }),
      onSpeakerChanged: () => this.metrics.speakerChanges.add(),
    });
    router.onWorkerClosed(() => this.#workerDied(room));
    this.rooms.set(name, room);
    this.log.info({ room: name }, 'room opened');
    return room;
  }

  #forget(room: Room): void {
    if (this.rooms.get(room.name) === room) this.rooms.delete(room.name);
    room.close();
    this.log.info({ room: room.name }, 'room closed');
  }

  #workerDied(room: Room): void {
    if (room.closed) return;
    this.log.error({ room: room.name, peers: room.peers.size }, 'room lost: its media worker died');
    this.events.onWorkerDied(room);
    for (const peer of room.peers.values()) {
      this.#peersByToken.delete(peer.resumeToken);
      this.metrics.leaves.add(1, { reason: 'room-closed' });
    }
    this.#forget(room);
    if (this.#peersByToken.size === 0) this.events.onEmpty();
  }
}

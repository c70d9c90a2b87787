/**
 * On which workers a room lives: on one, and when that is full, newcomers go to others as well. Each peer keeps its shard,
 * the room's part on one worker, for as long as it stays; streams go between shards through pipes (pipe-registry.ts).
 */
import type { Logger } from 'pino';
import type { MediaBackend, MediaRouter } from './media-backend.js';
import type { Peer, Shard } from './peer.js';

export interface ShardSettings {
  /** A worker that sends as many streams, or more, is full: newcomers go to another one that is not, if there is one. */
  maxConsumersPerWorker: number;
  log: Logger;
  /** How many streams each of so many people in the room will receive in all likelihood. */
  expectedStreams(people: number): number;
  /** The worker below died. The shard is not among `shards` any more; its peers are still the room's. */
  onLost(shard: Shard): void;
  /** It is among `shards` no more, for whatever reason. */
  onGone(shard: Shard): void;
}

export class RoomShards {
  readonly shards = new Set<Shard>();
  /** People in the room and on their way in. */
  seats = 0;
  #opening: Promise<Shard> | null = null;
  #closed = false;

  constructor(
    private readonly media: Pick<MediaBackend, 'createRouter' | 'leastLoad'>,
    private readonly settings: ShardSettings,
  ) {}

  /** A seat for somebody new, to be given back by `leave`. Rejects when there is no worker to be had. */
  async take(): Promise<Shard> {
    this.seats++;
    try {
      return await this.#choose();
    } catch (error) {
      this.seats--;
      throw error;
    }
  }

  /** Ends the shard with its last seat. */
  leave(shard: Shard, peer?: Peer): void {
    if (peer) {
      shard.peers.delete(peer);
      shard.receiving.delete(peer);
    }
    shard.seats--;
    this.seats--;
    if (shard.seats === 0) this.#end(shard);
  }

  close(): void {
    this.#closed = true;
    for (const shard of [...this.shards]) this.#end(shard);
  }

  /** A shard with one seat more than it had. */
  async #choose(): Promise<Shard> {
    for (;;) {
      const fitting = this.#leastLoaded();
      if (fitting && !this.#isFull(fitting.router.workerLoad)) return seated(fitting);
      if (this.#opening) {
        // Those who come together go together; whether it went well shows when they look again.
        await this.#opening.catch(() => {});
        if (this.#closed) throw roomClosed();
        continue;
      }
      if (fitting && this.#isFull(this.media.leastLoad(this.#routers))) return seated(fitting);
      try {
        const opened = await this.#open();
        if (!opened.closed) return seated(opened);
      } catch (error) {
        const existing = this.#leastLoaded();
        if (!existing) throw error;
        this.settings.log.warn({ err: error }, 'the room cannot go on on another worker');
        return seated(existing);
      }
    }
  }

  #isFull(load: number): boolean {
    return load >= this.settings.maxConsumersPerWorker;
  }

  #leastLoaded(): Shard | null {
    let best: Shard | null = null;
    for (const shard of this.shards) {
      if (!best || shard.router.workerLoad < best.router.workerLoad) best = shard;
    }
    return best;
  }

  get #routers(): MediaRouter[] {
    return [...this.shards].map(({ router }) => router);
  }

  #open(): Promise<Shard> {
    this.#opening = this.#create().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #create(): Promise<Shard> {
    let shard: Shard | undefined;
    const router = await this.media.createRouter({
      notOn: this.#routers,
      expected: () => (shard ? this.#expected(shard) : 0),
    });
    if (this.#closed) {
      router.close();
      throw roomClosed();
    }
    const opened: Shard = (shard = {
      router,
      peers: new Set(),
      receiving: new Set(),
      seats: 0,
      closed: false,
    });
    this.shards.add(opened);
    router.onWorkerClosed(() => {
      if (this.#end(opened)) this.settings.onLost(opened);
    });
    return opened;
  }

  /** For those who have come and do not receive anything yet. */
  #expected({ seats, receiving }: Shard): number {
    return (seats - receiving.size) * this.settings.expectedStreams(this.seats);
  }

  /** False: it had ended before. */
  #end(shard: Shard): boolean {
    if (!this.shards.delete(shard)) return false;
    shard.closed = true;
    shard.router.close();
    this.settings.onGone(shard);
    return true;
  }
}

function seated(shard: Shard): Shard {
  shard.seats++;
  return shard;
}

function roomClosed(): Error {
  const error = new Error('the room was closed; join again');
  error.name = 'InvalidStateError';
  return error;
}

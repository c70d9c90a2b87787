/**
 * The streams of a room that go from one of its workers to another. A stream is piped to a shard when the first peer there
 * wants it, once for all of them, and no longer than somebody does: `lingerMs` after the last one it ends.
 */
import type { PeerProducer, Shard } from './peer.js';
import type { MediaPipe } from './media-backend.js';

/** Gives a stream back. Only the first call counts. */
export type Release = () => void;

interface SharedPipe {
  made: Promise<MediaPipe>;
  users: number;
  /** Runs while it has no users. */
  timer: NodeJS.Timeout | undefined;
}

export class PipeRegistry {
  /** By producer, then by the shard that it is piped to. */
  readonly #pipes = new Map<string, Map<Shard, SharedPipe>>();
  #size = 0;

  constructor(private readonly lingerMs: number) {}

  /** Pipes there are now. */
  get size(): number {
    return this.#size;
  }

  /**
   * Resolves when `producer` can be consumed on `shard`, where it stays until it is released. Rejects when the producer or
   * either worker ends meanwhile.
   */
  async acquire({ media, owner }: PeerProducer, shard: Shard): Promise<Release> {
    if (owner.shard === shard) return () => {};
    const pipe = this.#find(media.id, shard) ?? this.#add(media.id, owner.shard, shard);
    clearTimeout(pipe.timer);
    pipe.users++;
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      this.#released(media.id, shard, pipe);
    };
    try {
      await pipe.made;
    } catch (error) {
      release();
      throw error;
    }
    return release;
  }

  /** With the room, whose routers end what is left. */
  close(): void {
    for (const byShard of this.#pipes.values()) {
      for (const { timer } of byShard.values()) clearTimeout(timer);
    }
    this.#pipes.clear();
    this.#size = 0;
  }

  #find(producerId: string, shard: Shard): SharedPipe | undefined {
    return this.#pipes.get(producerId)?.get(shard);
  }

  #add(producerId: string, from: Shard, to: Shard): SharedPipe {
    const pipe: SharedPipe = { made: from.router.pipe(producerId, to.router), users: 0, timer: undefined };
    const byShard = this.#pipes.get(producerId) ?? new Map<Shard, SharedPipe>();
    this.#pipes.set(producerId, byShard.set(to, pipe));
    this.#size++;
    const forget = (): void => this.#forget(producerId, to, pipe);
    pipe.made.then((made) => (made.closed ? forget() : made.onClosed(forget)), forget);
    return pipe;
  }

  #released(producerId: string, shard: Shard, pipe: SharedPipe): void {
    pipe.users--;
    if (pipe.users > 0 || this.#find(producerId, shard) !== pipe) return;
    pipe.timer = setTimeout(() => {
      this.#forget(producerId, shard, pipe);
      pipe.made.then(
        (made) => made.close(),
        () => {},
      );
    }, this.lingerMs);
  }

  #forget(producerId: string, shard: Shard, pipe: SharedPipe): void {
    clearTimeout(pipe.timer);
    const byShard = this.#pipes.get(producerId);
    if (byShard?.get(shard) !== pipe) return;
    byShard.delete(shard);
    this.#size--;
    if (byShard.size === 0) this.#pipes.delete(producerId);
  }
}

/**
 * Who has the floor in a room whose microphones are heard in several places, each of which only compares its own.
 * Pure: time is an argument (milliseconds, monotonic).
 *
 * Each place tells who has the floor there, and who is loud. The volumes are the senders' own (RFC 6464), so those of two
 * places compare. The floor of the room goes
 *
 * - within the place that has it as that place says;
 * - to another place when whoever has it has been quiet for `HANDOVER_MS`: to the loudest of those who have the floor of
 *   their place and speak now. Two who talk at once in different places do not take it from each other.
 */

export interface Volume {
  producerId: string;
  /** dBov: the louder, the nearer to 0. */
  volume: number;
}

/** Longer than the pauses in speech, shorter than those that others wait for. */
export const HANDOVER_MS = 1_000;

interface Hearing {
  dominant: string | null;
  /** As last told. */
  volumes: readonly Volume[];
}

export class Floor<Place> {
  readonly #hearings = new Map<Place, Hearing>();
  #leader: { place: Place; producerId: string; heardAt: number } | null = null;

  /** `place` says who leads there; returns whoever leads the room by this, or null when that does not touch it. */
  dominant(now: number, place: Place, producerId: string): string | null {
    this.#hearing(place).dominant = producerId;
    if (this.#leader && this.#leader.place !== place && !this.#isQuiet(now)) return null;
    return this.#lead(now, place, producerId);
  }

  /** `place` tells all who are loud there; returns whoever takes the floor of the room by this, or null. */
  heard(now: number, place: Place, volumes: readonly Volume[]): string | null {
    this.#hearing(place).volumes = volumes;
    const leader = this.#leader;
    if (leader?.place === place && volumes.some(({ producerId }) => producerId === leader.producerId)) {
      leader.heardAt = now;
    }
    if (leader && !this.#isQuiet(now)) return null;
    let best: { place: Place; volume: Volume } | null = null;
    for (const [where, { dominant, volumes: there }] of this.#hearings) {
      const volume = there.find(({ producerId }) => producerId === dominant);
      if (volume && (!best || volume.volume > best.volume.volume)) best = { place: where, volume };
    }
    return best && this.#lead(now, best.place, best.volume.producerId);
  }

  /** All that is heard now, the loudest first. */
  volumes(): Volume[] {
    const all = [...this.#hearings.values()].flatMap(({ volumes }) => volumes);
    return all.sort((a, b) => b.volume - a.volume);
  }

  producerRemoved(producerId: string): void {
    if (this.#leader?.producerId === producerId) this.#leader = null;
    for (const hearing of this.#hearings.values()) {
      if (hearing.dominant === producerId) hearing.dominant = null;
      hearing.volumes = hearing.volumes.filter((volume) => volume.producerId !== producerId);
    }
  }

  placeRemoved(place: Place): void {
    this.#hearings.delete(place);
    if (this.#leader?.place === place) this.#leader = null;
  }

  #hearing(place: Place): Hearing {
    const known = this.#hearings.get(place);
    if (known) return known;
    const hearing: Hearing = { dominant: null, volumes: [] };
    this.#hearings.set(place, hearing);
    return hearing;
  }

  #isQuiet(now: number): boolean {
    return this.#leader === null || now - this.#leader.heardAt >= HANDOVER_MS;
  }

  #lead(now: number, place: Place, producerId: string): string {
    this.#leader = { place, producerId, heardAt: now };
    return producerId;
  }
}

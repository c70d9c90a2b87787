/**
 * Who is received by everybody in a room with more people than one viewer can look at: those who spoke last.
 * Pure: time is an argument (milliseconds, monotonic). A room has one stage for pictures and one for voices.
 *
 * `size` people are on it, so that a viewer receives `size - 1` others, as in a room of that size: one on the stage
 * receives all others on it; everybody else receives the front, which is all but the reserve. Those on the front keep
 * their places. Who speaks from outside takes the place of whoever has been silent longest, and that one becomes
 * the reserve. Whoever has spoken their way in stays for `minStayMs`, so that quick exchanges between many do not
 * make everybody's streams come and go; a speaker who finds no free place waits for that time at most. Who is idle has
 * a place only while nobody else needs it.
 */

interface Seat<T> {
  member: T;
  /** When it spoke its way in; -Infinity for one who was seated in silence and may be replaced at once. */
  since: number;
}

export class Stage<T> {
  /** When each candidate last spoke, those who never did at -Infinity; in the order they came. */
  readonly #spokeAt = new Map<T, number>();
  readonly #front: Seat<T>[] = [];
  #reserve: T | null = null;
  /** Spoke while every seat was protected; the newest last. */
  readonly #waiting = new Set<T>();
  /** Have nothing to show just now. */
  readonly #idle = new Set<T>();

  /** `size` Infinity: everybody is on the stage. Otherwise at least 2. */
  constructor(
    private readonly size: number,
    private readonly minStayMs: number,
  ) {}

  has(member: T): boolean {
    return this.#spokeAt.has(member);
  }

  /** True: what viewers receive may have changed. The same for the other methods. */
  add(member: T): boolean {
    if (this.#spokeAt.has(member)) return false;
    this.#spokeAt.set(member, -Infinity);
    return this.#fill();
  }

  remove(member: T): boolean {
    if (!this.#spokeAt.delete(member)) return false;
    this.#waiting.delete(member);
    this.#idle.delete(member);
    if (this.#reserve === member) this.#reserve = null;
    const place = this.#front.findIndex((seat) => seat.member === member);
    if (place >= 0) this.#front.splice(place, 1);
    return this.#fill() || place >= 0;
  }

  /** `member` has nothing to show, or has again. */
  setIdle(member: T, idle: boolean): boolean {
    if (!this.#spokeAt.has(member) || this.#idle.has(member) === idle) return false;
    if (idle) this.#idle.add(member);
    else this.#idle.delete(member);
    this.#waiting.delete(member);
    return this.#fill();
  }

  /** `member` speaks. */
  speaks(now: number, member: T): boolean {
    if (!this.#spokeAt.has(member)) return false;
    this.#spokeAt.set(member, now);
    if (this.#isInFront(member) || this.#idle.has(member)) return false;
    this.#waiting.delete(member);
    if (this.#enter(now, member)) return true;
    this.#waiting.add(member);
    return false;
  }

  /** When `handleTimeout` has something to do; Infinity: never. */
  nextTimeout(): number {
    if (this.#waiting.size === 0) return Infinity;
    return Math.min(...this.#front.map(({ since }) => since)) + this.minStayMs;
  }

  /** Seats those who wait, the last to speak first. */
  handleTimeout(now: number): boolean {
    let changed = false;
    for (const member of [...this.#waiting].reverse()) {
      if (this.#enter(now, member)) {
        this.#waiting.delete(member);
        changed = true;
      } else if (this.nextTimeout() <= now) {
        // All who may be replaced have spoken since: the moment has passed.
        this.#waiting.delete(member);
      }
    }
    return changed;
  }

  /** Whom `viewer` receives. */
  seenBy(viewer: T): T[] {
    const others = this.#front.map(({ member }) => member).filter((member) => member !== viewer);
    // One who is on the front has a place left over, as nobody looks at themselves.
    if (others.length < this.#front.length && this.#reserve !== null) others.push(this.#reserve);
    return others;
  }

  #enter(now: number, member: T): boolean {
    const spokeAt = this.#spokeAt.get(member)!;
    let quietest: Seat<T> | null = null;
    for (const seat of this.#front) {
      if (seat.since + this.minStayMs > now || this.#spokeAt.get(seat.member)! > spokeAt) continue;
      // Of those who never spoke the one who came last gives way.
      if (!quietest || this.#spokeAt.get(seat.member)! <= this.#spokeAt.get(quietest.member)!)
        quietest = seat;
    }
    if (!quietest) return false;
    this.#reserve = quietest.member;
    quietest.member = member;
    quietest.since = now;
    return true;
  }

  /** Free places go to the reserve, then to those who spoke last, then to those who came first; last to the idle. */
  #fill(): boolean {
    const reserve = this.#reserve;
    let changed = this.#removeIdle();
    while (this.#front.length < this.size - 1) {
      const member = this.#reserve ?? this.#nextOutside();
      if (member === null) return changed || this.#reserve !== reserve;
      if (member === this.#reserve) this.#reserve = null;
      this.#waiting.delete(member);
      this.#front.push({ member, since: -Infinity });
      changed = true;
    }
    this.#reserve ??= this.#nextOutside();
    return changed || this.#reserve !== reserve;
  }

  /** As many of the idle as others can take the places of. */
  #removeIdle(): boolean {
    if (this.#idle.size === 0) return false;
    let others = 0;
    for (const member of this.#spokeAt.keys()) {
      if (!this.#idle.has(member) && !this.#isInFront(member)) others++;
    }
    let removed = false;
    for (let place = this.#front.length - 1; place >= 0 && others > 0; place--) {
      if (!this.#idle.has(this.#front[place].member)) continue;
      this.#front.splice(place, 1);
      others--;
      removed = true;
    }
    if (this.#reserve !== null && this.#idle.has(this.#reserve)) this.#reserve = null;
    return removed;
  }

  #nextOutside(): T | null {
    let best: T | null = null;
    for (const member of this.#spokeAt.keys()) {
      if (member === this.#reserve || this.#isInFront(member)) continue;
      if (best === null || this.#comesBefore(member, best)) best = member;
    }
    return best;
  }

  #comesBefore(member: T, other: T): boolean {
    if (this.#idle.has(member) !== this.#idle.has(other)) return this.#idle.has(other);
    return this.#spokeAt.get(member)! > this.#spokeAt.get(other)!;
  }

  #isInFront(member: T): boolean {
    return this.#front.some((seat) => seat.member === member);
  }
}

/** Something that wants to be called at a time. One deadline per client: the earliest wins. */
export interface TimerClient {
  /** Place in the heap; -1 when not scheduled. Only Timers writes it. */
  timerIndex: number;
  /** The deadline. Only Timers writes it. */
  timerAt: number;
  /** Called once at or after the deadline; it may schedule anew. */
  handleTimeout(now: number): void;
}

/**
 * The deadlines of one worker in a binary heap. There is no clock here: whoever drives the core asks for `next` and
 * calls `run`, in tests on virtual time.
 */
export class Timers {
  private readonly heap: TimerClient[] = [];

  /** Deadline of the earliest client, Infinity when there is none. */
  get next(): number {
    return this.heap.length > 0 ? this.heap[0].timerAt : Number.POSITIVE_INFINITY;
  }

  get size(): number {
    return this.heap.length;
  }

  /** Asks for a call at `at` at the latest: a later deadline than the one set changes nothing. */
  schedule(client: TimerClient, at: number): void {
    // Not a time at all, NaN included: one such entry would hold up all the others.
    if (!(at < Number.POSITIVE_INFINITY)) return;
    if (client.timerIndex >= 0) {
      if (at >= client.timerAt) return;
      client.timerAt = at;
      this.up(client.timerIndex);
      return;
    }
    client.timerAt = at;
    client.timerIndex = this.heap.length;
    this.heap.push(client);
    this.up(client.timerIndex);
  }

  cancel(client: TimerClient): void {
    const index = client.timerIndex;
    if (index < 0) return;
    client.timerIndex = -1;
    const last = this.heap.pop();
    if (last === undefined || last === client) return;
    last.timerIndex = index;
    this.heap[index] = last;
    this.up(index);
    this.down(last.timerIndex);
  }

  /** Calls everyone whose time has come, each at most once per call however it reschedules itself. */
  run(now: number): void {
    for (let budget = this.heap.length; budget > 0 && this.next <= now; budget--) {
      const client = this.heap[0];
      this.cancel(client);
      client.handleTimeout(now);
    }
  }

  private up(start: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.heap[parent].timerAt <= this.heap[index].timerAt) return;
      this.swap(index, parent);
      index = parent;
    }
  }

  private down(start: number): void {
    let index = start;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= this.heap.length) return;
      const right = left + 1;
      const least =
        right < this.heap.length && this.heap[right].timerAt < this.heap[left].timerAt ? right : left;
      if (this.heap[index].timerAt <= this.heap[least].timerAt) return;
      this.swap(index, least);
      index = least;
    }
  }

  private swap(a: number, b: number): void {
    const first = this.heap[a];
    const second = this.heap[b];
    this.heap[a] = second;
    this.heap[b] = first;
    second.timerIndex = a;
    first.timerIndex = b;
  }
}

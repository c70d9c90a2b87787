interface Event {
  at: number;
  order: number;
  action: () => void;
}

/** A clock that moves only from event to event. Events at the same time happen in the order they were asked for. */
export class VirtualTime {
  /** Milliseconds. */
  now = 0;
  private readonly heap: Event[] = [];
  private count = 0;

  /** Times in the past happen next. */
  at(time: number, action: () => void): void {
    const event = { at: Math.max(time, this.now), order: this.count++, action };
    const heap = this.heap;
    let index = heap.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (before(heap[parent], event)) break;
      heap[index] = heap[parent];
      index = parent;
    }
    heap[index] = event;
  }

  after(delay: number, action: () => void): void {
    this.at(this.now + delay, action);
  }

  /** All that happens up to and including `end`. */
  run(end: number): void {
    while (this.heap.length > 0 && this.heap[0].at <= end) {
      const event = this.takeFirst();
      this.now = event.at;
      event.action();
    }
    this.now = end;
  }

  private takeFirst(): Event {
    const heap = this.heap;
    const first = heap[0];
    const last = heap.pop()!;
    const length = heap.length;
    if (length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= length) break;
      if (child + 1 < length && before(heap[child + 1], heap[child])) child++;
      if (before(last, heap[child])) break;
      heap[index] = heap[child];
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

/** One thing that is to happen, whose time may be moved or taken back (`Infinity`). */
export class Alarm {
  private due = Infinity;

  constructor(
    private readonly time: VirtualTime,
    private readonly action: () => void,
  ) {}

  set(at: number): void {
    if (at === this.due) return;
    this.due = at;
    if (at === Infinity) return;
    this.time.at(at, () => {
      if (this.due !== at) return;
      this.due = Infinity;
      this.action();
    });
  }
}

function before(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

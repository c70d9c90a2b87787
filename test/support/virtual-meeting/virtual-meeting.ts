import { Random } from '../netem/random.js';
import { Alarm, VirtualTime } from '../netem/virtual-time.js';
import { VirtualRoom } from '../virtual-room.js';
import { MeetingTransport, type PathOptions } from './meeting-transport.js';
import { Publisher } from './publisher.js';
import { Viewer } from './viewer.js';

/** When a meeting begins, in milliseconds. */
export const START_MS = 1000;
const ARENA_BYTES = 64 * 1024 * 1024;

export interface TimedNotification {
  at: number;
  targetId: string;
  event: string;
  data: unknown;
}

/** The whole router with its congestion control between publishers and viewers on simulated networks, on virtual time. */
export class VirtualMeeting {
  readonly time = new VirtualTime();
  readonly random: Random;
  readonly room: VirtualRoom;
  readonly notifications: TimedNotification[] = [];
  private readonly timers: Alarm;
  private readonly listeners = new Map<string, (event: string, data: unknown) => void>();
  private seen = 0;
  private ssrcs = 10_000;

  constructor(seed = 1) {
    this.random = new Random(seed);
    this.room = new VirtualRoom(seed, ARENA_BYTES);
    this.timers = new Alarm(this.time, () => this.enter(() => undefined));
    this.time.run(START_MS);
  }

  get now(): number {
    return this.time.now;
  }

  publisher(name: string, path: PathOptions = {}): Publisher {
    return new Publisher(this, new MeetingTransport(name, this, path));
  }

  viewer(name: string, path: PathOptions = {}): Viewer {
    return new Viewer(this, new MeetingTransport(name, this, path));
  }

  run(ms: number): void {
    this.time.run(this.time.now + ms);
  }

  /** Does something to the router at this moment, and all that follows from it. */
  enter<T>(action: (now: number) => T): T {
    const { room, time } = this;
    const { timers } = room.environment;
    room.now = time.now;
    const result = action(time.now);
    if (timers.next <= time.now) timers.run(time.now);
    room.flush();
    this.notice();
    // Timers have the resolution of a millisecond, as in Node.
    this.timers.set(Math.max(Math.ceil(timers.next), Math.floor(time.now) + 1));
    return result;
  }

  /** Calls back for events of the application's object with this id. */
  listen(targetId: string, listener: (event: string, data: unknown) => void): void {
    this.listeners.set(targetId, listener);
  }

  events(targetId: string, event: string): TimedNotification[] {
    return this.notifications.filter((entry) => entry.targetId === targetId && entry.event === event);
  }

  /** Numbers for a stream and its retransmissions. */
  nextSsrc(): number {
    return (this.ssrcs += 2);
  }

  private notice(): void {
    const { notifications } = this.room;
    for (; this.seen < notifications.length; this.seen++) {
      const { targetId, event, data } = notifications[this.seen];
      this.notifications.push({ at: this.now, targetId, event, data });
      this.listeners.get(targetId)?.(event, data);
    }
  }
}

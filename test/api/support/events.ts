import { type EventEmitter } from 'node:events';

/** Records events of an object and of its observer as `name event` and `name.observer event`, in order. */
export function recordEvents(
  log: string[],
  name: string,
  object: EventEmitter & { observer: EventEmitter },
  events: readonly string[] = [],
): void {
  for (const event of events) {
    object.on(event, () => log.push(`${name} ${event}`));
  }
  object.observer.on('close', () => log.push(`${name}.observer close`));
}

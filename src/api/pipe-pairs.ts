import { Logger } from './logger.js';
import type { PipeTransport, PipeTransportOptions } from './pipe-transport.js';

/** A router, as far as pipes are concerned. */
export interface PipedRouter {
  readonly id: string;
  /** @private */
  readonly pipes: PipePairs;
  createPipeTransport(options: PipeTransportOptions): Promise<PipeTransport>;
}

/** Both ends of a connection, by the id of their router. */
type PipePair = ReadonlyMap<string, PipeTransport>;

const logger = new Logger('Router');

/** The connections of one router to others: one with each, for both directions, made when it is first needed. */
export class PipePairs {
  /** By the id of the other router; each is in the other's list as well. */
  #pairs = new Map<string, Promise<PipePair>>();

  /** The transport on each side. Calls at the same time, of either router, get the same two. */
  async between(
    here: PipedRouter,
    there: PipedRouter,
    options: PipeTransportOptions,
  ): Promise<{ local: PipeTransport; remote: PipeTransport }> {
    const pending = this.#pairs.get(there.id) ?? this.#add(here, there, options);
    const pair = await pending;
    return { local: pair.get(here.id)!, remote: pair.get(there.id)! };
  }

  #add(here: PipedRouter, there: PipedRouter, options: PipeTransportOptions): Promise<PipePair> {
    const forget = (): void => {
      // By then there may be a new pair.
      if (this.#pairs.get(there.id) === pending) this.#pairs.delete(there.id);
      if (there.pipes.#pairs.get(here.id) === pending) there.pipes.#pairs.delete(here.id);
    };
    const pending = connect(here, there, options, forget);
    this.#pairs.set(there.id, pending);
    there.pipes.#pairs.set(here.id, pending);
    return pending;
  }
}

/** @param onEnd the pair is of no use any more, or never was */
async function connect(
  here: PipedRouter,
  there: PipedRouter,
  options: PipeTransportOptions,
  onEnd: () => void,
): Promise<PipePair> {
  const made = await Promise.allSettled([
    here.createPipeTransport(options),
    there.createPipeTransport(options),
  ]);
  const transports = made.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const [local, remote] = transports;
  try {
    for (const result of made) {
      if (result.status === 'rejected') throw result.reason;
    }
    await Promise.all([
      local.connect(addressOf(remote, options.enableSrtp)),
      remote.connect(addressOf(local, options.enableSrtp)),
    ]);
  } catch (error) {
    logger.error('pipeToRouter(): the routers could not be connected', error as Error);
    for (const transport of transports) transport.close();
    onEnd();
    throw error;
  }
  for (const [one, other] of [
    [local, remote],
    [remote, local],
  ]) {
    one.observer.on('close', () => {
      onEnd();
      other.close();
    });
  }
  return new Map([
    [here.id, local],
    [there.id, remote],
  ]);
}

function addressOf({ tuple, srtpParameters }: PipeTransport, enableSrtp = false) {
  return {
    ip: tuple.localAddress,
    port: tuple.localPort,
    srtpParameters: enableSrtp ? srtpParameters : undefined,
  };
}

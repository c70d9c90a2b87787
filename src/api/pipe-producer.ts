import type { Consumer } from './consumer.js';
import { NotFoundError } from './errors.js';
import { Logger } from './logger.js';
import type { PipeTransport } from './pipe-transport.js';
import type { Producer } from './producer.js';

const logger = new Logger('Router');

/**
 * Offers a producer at the far end of a pipe, and keeps both in step from then on: closing goes both ways, pausing away from
 * the original, and what is wanted of its encodings back to it.
 *
 * @param id of the producer there; undefined: a new one
 * @throws what `consume()` and `produce()` throw; NotFoundError when the producer is closed meanwhile.
 */
export async function pipeProducer(
  producer: Producer,
  local: PipeTransport,
  remote: PipeTransport,
  id: string | undefined,
): Promise<{ pipeConsumer: Consumer; pipeProducer: Producer }> {
  const pipeConsumer = await local.consumePaused({ producerId: producer.id });
  try {
    const piped = await remote.produce({
      id,
      kind: pipeConsumer.kind,
      rtpParameters: pipeConsumer.rtpParameters,
      paused: pipeConsumer.producerPaused,
      appData: producer.appData,
    });
    link(pipeConsumer, piped);
    await start(pipeConsumer, piped);
    return { pipeConsumer, pipeProducer: piped };
  } catch (error) {
    const reason = producer.closed
      ? new NotFoundError(`the producer ${producer.id} was closed during the call`)
      : (error as Error);
    logger.error('pipeToRouter(): the producer could not be piped', reason);
    pipeConsumer.close();
    throw reason;
  }
}

/** Media flows from here on, beginning with a key frame. */
async function start(pipeConsumer: Consumer, piped: Producer): Promise<void> {
  await pipeConsumer.resume();
  // A consumer that is paused says nothing of its producer being so.
  if (pipeConsumer.producerPaused && !piped.paused) await piped.pause();
  if (!pipeConsumer.producerPaused && piped.paused) await piped.resume();
}

function link(pipeConsumer: Consumer, piped: Producer): void {
  if (pipeConsumer.closed) piped.close();
  pipeConsumer.observer.on('close', () => piped.close());
  pipeConsumer.observer.on('pause', () => unlessClosed(piped, piped.pause()));
  pipeConsumer.observer.on('resume', () => unlessClosed(piped, piped.resume()));
  piped.observer.on('close', () => pipeConsumer.close());
  piped.observer.on('wantedencodingschange', (wanted) =>
    unlessClosed(pipeConsumer, pipeConsumer.setWantedEncodings(wanted)),
  );
}

/** An end that closes while it is told something needs it no longer. */
function unlessClosed(end: { closed: boolean }, told: Promise<void>): void {
  told.catch((error: Error) => {
    if (!end.closed) logger.error('a pipe could not be kept in step', error);
  });
}

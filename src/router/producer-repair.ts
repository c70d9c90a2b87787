import { type ProducerDemand } from './producer-demand.js';
import { type ProducerEncoding, wasOvertaken } from './producer-encoding.js';
import { type ProducerTransport } from './producer-ports.js';
import { type ProducerTrace } from './producer-trace.js';

/** Until a round trip is known (mediasoup assumes the same): repeats must not outrun the first answer. */
const DEFAULT_RTT_MS = 100;

/**
 * What is asked of the sender: packets that are missing, and key frames. Only for what somebody watches: the gaps of a layer
 * that nobody shows mend themselves with the key frame that a new viewer begins with.
 */
export class ProducerRepair {
  private readonly nackList: number[] = [];

  constructor(
    private readonly encodings: readonly ProducerEncoding[],
    private readonly demand: ProducerDemand,
    private readonly transport: ProducerTransport,
    private readonly traces: ProducerTrace,
  ) {}

  /** Somebody needs a key frame of this encoding. */
  requestKeyFrame(now: number, { requester, stream }: ProducerEncoding): void {
    if (stream === null) return;
    requester.request(now);
    this.transport.schedule(requester.nextTimeout());
  }

  /** The stream has a gap that cannot be mended. */
  broken(now: number, encoding: ProducerEncoding): void {
    if (this.demand.watched(encoding.index)) this.requestKeyFrame(now, encoding);
  }

  sendKeyFrameRequest(now: number, encoding: ProducerEncoding): void {
    const { stream } = encoding;
    if (stream === null) return;
    encoding.pliCount += 1;
    this.transport.sendPli(stream.ssrc);
    if (this.traces.has('pli')) this.traces.emit(now, 'pli', 'out', { ssrc: stream.ssrc });
  }

  /** NACKs and key-frame requests that are due. @returns the next deadline */
  handleTimeout(now: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const encoding of this.encodings) {
      const { requester } = encoding;
      if (requester.nextTimeout() <= now && !this.mayAnswer(encoding)) requester.received();
      requester.handleTimeout(now);
      const nackAt = this.askForMissing(now, encoding);
      next = Math.min(next, nackAt, requester.nextTimeout());
    }
    return next;
  }

  /** A layer that nobody waits for any more is not asked again, nor one that stopped: it comes back with a key frame. */
  private mayAnswer(encoding: ProducerEncoding): boolean {
    return this.demand.watched(encoding.index) && !wasOvertaken(encoding, this.encodings);
  }

  private askForMissing(now: number, encoding: ProducerEncoding): number {
    const { stream } = encoding;
    if (stream === null || stream.nack === null || stream.nack.pending === 0) return Number.POSITIVE_INFINITY;
    const { nack } = stream;
    if (nack.nextTimeout() > now) return nack.nextTimeout();
    if (!this.demand.watched(encoding.index)) {
      nack.forget();
      return Number.POSITIVE_INFINITY;
    }
    const roundTripMs = this.transport.senderRoundTripMs || DEFAULT_RTT_MS;
    const mendable = nack.handleTimeout(now, roundTripMs, this.nackList);
    if (!mendable) this.broken(now, encoding);
    if (this.nackList.length > 0) {
      this.transport.sendNack(stream.ssrc, this.nackList);
      if (this.traces.has('nack')) this.traces.emit(now, 'nack', 'out', { ssrc: stream.ssrc });
    }
    return nack.nextTimeout();
  }
}

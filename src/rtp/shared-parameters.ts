import { type RtpParameters } from './rtp-parameters.js';

/** Parts known before dead ones are looked for. */
const SWEEP_AT = 64;

/**
 * The parts of RTP parameters that are the same for many consumers, codecs and header extensions above all, kept once: they
 * take some 3 KB, in each of the two threads. Found by what they say; gone with the last who holds them.
 */
export class SharedParameters {
  private readonly parts = new Map<string, WeakRef<object>>();
  private sweepAt = SWEEP_AT;

  /** The same parameters, of shared parts: nobody may change them any more. */
  share(parameters: RtpParameters): RtpParameters {
    const { codecs, headerExtensions, rtcp } = parameters;
    return {
      ...parameters,
      codecs: this.part(codecs),
      ...(headerExtensions && { headerExtensions: this.part(headerExtensions) }),
      ...(rtcp && { rtcp: this.part(rtcp) }),
    };
  }

  /** A value like this one that somebody holds, else this one. Plain data only. */
  part<Part extends object>(value: Part): Part {
    const key = JSON.stringify(value);
    const known = this.parts.get(key)?.deref();
    if (known !== undefined) return known as Part;
    if (this.parts.size >= this.sweepAt) this.sweep();
    this.parts.set(key, new WeakRef(value));
    return value;
  }

  private sweep(): void {
    for (const [key, part] of this.parts) if (part.deref() === undefined) this.parts.delete(key);
    this.sweepAt = Math.max(SWEEP_AT, this.parts.size * 2);
  }
}

/** Of the thread. */
export const sharedParameters = new SharedParameters();

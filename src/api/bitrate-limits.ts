import type { Channel } from '../worker/channel.js';
import type { Target } from '../worker/messages.js';
import { checkInteger } from './check.js';

const MAX_BITRATE = 2 ** 32 - 1;
/** bps; less cannot carry even one video layer with its feedback. */
const MIN_BITRATE_LIMIT = 30_000;

/** What a transport may take in and send at most, and what it sends at least; bps, 0 is no limit. */
export class BitrateLimits {
  #maxOutgoing = 0;
  #minOutgoing = 0;

  constructor(
    private readonly channel: Channel,
    private readonly target: Target,
  ) {}

  async setMaxIncoming(bitrate: number): Promise<void> {
    checkInteger(bitrate, 'bitrate', 0, MAX_BITRATE);
    await this.channel.request('transport.setMaxIncomingBitrate', this.target, { bitrate });
  }

  async setMaxOutgoing(bitrate: number): Promise<void> {
    checkLimit(bitrate);
    if (bitrate > 0 && bitrate < this.#minOutgoing) {
      throw new Error(`bitrate ${bitrate} is below the minimum outgoing bitrate ${this.#minOutgoing}`);
    }
    await this.channel.request('transport.setMaxOutgoingBitrate', this.target, { bitrate });
    this.#maxOutgoing = bitrate;
  }

  async setMinOutgoing(bitrate: number): Promise<void> {
    checkLimit(bitrate);
    if (this.#maxOutgoing > 0 && bitrate > this.#maxOutgoing) {
      throw new Error(`bitrate ${bitrate} is above the maximum outgoing bitrate ${this.#maxOutgoing}`);
    }
    await this.channel.request('transport.setMinOutgoingBitrate', this.target, { bitrate });
    this.#minOutgoing = bitrate;
  }
}

function checkLimit(bitrate: number): void {
  checkInteger(bitrate, 'bitrate', 0, MAX_BITRATE);
  if (bitrate > 0 && bitrate < MIN_BITRATE_LIMIT) {
    throw new TypeError(
      `invalid bitrate: expected 0 (no limit) or ${MIN_BITRATE_LIMIT} and more, got ${bitrate}`,
    );
  }
}

import { type SendStream } from '../stream/send-stream.js';
import { type LayerFollower } from './layer-follower.js';
import { type Producer } from './producer.js';

/** 0 to 10 each, as in mediasoup's ConsumerScore. */
export interface ConsumerScore {
  readonly score: number;
  readonly producerScore: number;
  readonly producerScores: number[];
}

/** How well one stream comes to its receiver and from its sender, and what the application knows of it. */
export class ConsumerScores {
  private told: ConsumerScore | null = null;

  /** @param sending only for what its receiver reports: its counters may be behind (see InStep) */
  constructor(
    private readonly sending: Pick<SendStream, 'score'>,
    private readonly producer: Producer,
    private readonly layers: LayerFollower,
  ) {}

  get current(): ConsumerScore {
    const producerScores = this.producer.encodings.map((encoding) => encoding.score);
    return { score: this.sending.score, producerScore: this.producerScore, producerScores };
  }

  /** Since it was last told. Looked at every second for each receiver: nothing is made for it. */
  get changed(): boolean {
    const { told } = this;
    if (told === null) return true;
    if (this.sending.score !== told.score || this.producerScore !== told.producerScore) return true;
    const { encodings } = this.producer;
    for (let index = 0; index < encodings.length; index++) {
      if (encodings[index].score !== told.producerScores[index]) return true;
    }
    return false;
  }

  /** The current scores; from now on the application knows them. */
  tell(): ConsumerScore {
    this.told = this.current;
    return this.told;
  }

  /** Of the encoding that is forwarded; while none is, of the best. */
  private get producerScore(): number {
    const { encodings } = this.producer;
    const { encoding } = this.layers;
    if (encoding >= 0) return encodings[encoding].score;
    let best = 0;
    for (let index = 0; index < encodings.length; index++) best = Math.max(best, encodings[index].score);
    return best;
  }
}

import { setImmediate } from 'node:timers/promises';
import type { Exchange } from './exchange.js';

/** Written at once. */
const CHUNK_CHARACTERS = 64 * 1024;

/** Lines to one answer of unknown length: what the network has not taken is not fetched either. */
export class LineWriter {
  #text = '';
  #listens = false;
  #wake: () => void = () => {};

  constructor(private readonly exchange: Exchange) {}

  /** False: nobody reads any more. */
  async add(line: string): Promise<boolean> {
    this.#text += `${line}\n`;
    return this.#text.length < CHUNK_CHARACTERS || this.flush();
  }

  async flush(): Promise<boolean> {
    const { exchange } = this;
    if (exchange.aborted) return false;
    if (!this.#listens) exchange.onWritable(() => this.wake());
    this.#listens = true;
    const taken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const isClear = exchange.write(this.#text);
    this.#text = '';
    if (!isClear && !exchange.aborted) await taken;
    // Others get between: a source that never waits would keep them out.
    await setImmediate();
    return !exchange.aborted;
  }

  /** The network has taken what waited, or the connection is gone. */
  wake(): void {
    this.#wake();
  }
}

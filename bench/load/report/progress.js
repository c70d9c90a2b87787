// @ts-check
/** How far the run is: a bar that overwrites itself on a terminal, plain lines elsewhere. On standard error. */

const WIDTH = 24;

export class Progress {
  /**
   * @param {number} steps
   * @param {NodeJS.WriteStream} stream
   */
  constructor(steps, stream = process.stderr) {
    this.steps = steps;
    this.done = 0;
    this.stream = stream;
    this.text = '';
    this.start = performance.now();
  }

  /**
   * One step begins.
   * @param {string} text what it does
   */
  step(text) {
    this.text = text;
    this.#show();
    this.done = Math.min(this.done + 1, this.steps);
  }

  /** @param {string} line stays on the screen */
  note(line) {
    this.#clear();
    this.stream.write(`${line}\n`);
  }

  end() {
    this.#clear();
  }

  #show() {
    if (!this.stream.isTTY) {
      this.stream.write(`[${this.done + 1}/${this.steps}] ${this.text}\n`);
      return;
    }
    const filled = Math.round((this.done / this.steps) * WIDTH);
    const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
    const seconds = Math.round((performance.now() - this.start) / 1000);
    const line = `${bar} ${Math.round((this.done / this.steps) * 100)}%  ${seconds} s  ${this.text}`;
    this.#clear();
    this.stream.write(line.slice(0, (this.stream.columns || 80) - 1));
  }

  #clear() {
    if (this.stream.isTTY) this.stream.write('\r\x1b[2K');
  }
}

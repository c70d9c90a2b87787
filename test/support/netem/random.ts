/** A seeded source of chance: the same seed gives the same run, bit for bit. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** An independent source for one part, so that a draw more in one part changes nothing in the others. */
  fork(name: string): Random {
    let hash = 0x811c9dc5 ^ this.state;
    for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
    const child = new Random(hash);
    // The first numbers of neighbouring seeds are alike.
    for (let i = 0; i < 4; i++) child.uniform();
    return child;
  }

  /** 0 up to but not 1 (mulberry32). */
  uniform(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let bits = this.state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  chance(probability: number): boolean {
    return probability > 0 && this.uniform() < probability;
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform());
  }

  normal(mean: number, deviation: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return mean + deviation * radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Two-sided exponential: what encoded frame sizes look like around their mean. */
  laplace(mean: number, scale: number): number {
    const value = this.uniform() - 0.5;
    return mean - scale * Math.sign(value) * Math.log(1 - 2 * Math.abs(value));
  }
}

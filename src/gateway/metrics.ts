/** Counters, gauges and histograms, written in the Prometheus text format 0.0.4. */

export type Labels = Record<string, string>;

export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

interface Metric {
  write(lines: string[]): void;
}

export class MetricsRegistry {
  readonly #metrics = new Map<string, Metric>();

  counter(name: string, help: string): Counter {
    return this.#add(name, new Counter(name, help));
  }

  /** `read` is asked at every scrape. */
  gauge(name: string, help: string, read: () => number | [Labels, number][]): void {
    this.#add(name, new Gauge(name, help, read, 'gauge'));
  }

  /** A counter whose value lives elsewhere, such as the process's CPU time. */
  countedElsewhere(name: string, help: string, read: () => number | [Labels, number][]): void {
    this.#add(name, new Gauge(name, help, read, 'counter'));
  }

  /** `bounds` are the inclusive upper bounds, ascending. */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    return this.#add(name, new Histogram(name, help, bounds));
  }

  toText(): string {
    const lines: string[] = [];
    for (const metric of this.#metrics.values()) metric.write(lines);
    return lines.join('\n') + '\n';
  }

  #add<T extends Metric>(name: string, metric: T): T {
    if (this.#metrics.has(name)) throw new Error(`metric ${name} is registered twice`);
    this.#metrics.set(name, metric);
    return metric;
  }
}

/** The part of a counter that has certain labels. */
export interface LabelledCounter {
  add(value?: number): void;
}

export class Counter implements Metric {
  readonly #values = new Map<string, number>();

  constructor(
    private readonly name: string,
    private readonly help: string,
  ) {}

  add(value = 1, labels: Labels = {}): void {
    this.#add(formatLabels(labels), value);
  }

  /** For what is counted often: the labels are formatted only once. */
  labelled(labels: Labels): LabelledCounter {
    const key = formatLabels(labels);
    return { add: (value = 1) => this.#add(key, value) };
  }

  value(labels: Labels = {}): number {
    return this.#values.get(formatLabels(labels)) ?? 0;
  }

  write(lines: string[]): void {
    writeHead(lines, this.name, this.help, 'counter');
    if (this.#values.size === 0) lines.push(`${this.name} 0`);
    for (const [labels, value] of this.#values) lines.push(`${this.name}${labels} ${value}`);
  }

  #add(key: string, value: number): void {
    this.#values.set(key, (this.#values.get(key) ?? 0) + value);
  }
}

class Gauge implements Metric {
  constructor(
    private readonly name: string,
    private readonly help: string,
    private readonly read: () => number | [Labels, number][],
    private readonly type: 'gauge' | 'counter',
  ) {}

  write(lines: string[]): void {
    writeHead(lines, this.name, this.help, this.type);
    const now = this.read();
    const samples: [Labels, number][] = typeof now === 'number' ? [[{}, now]] : now;
    for (const [labels, value] of samples) lines.push(`${this.name}${formatLabels(labels)} ${value}`);
  }
}

export class Histogram implements Metric {
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(
    private readonly name: string,
    private readonly help: string,
    private readonly bounds: readonly number[],
  ) {
    this.#counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    const bucket = this.bounds.findIndex((bound) => value <= bound);
    if (bucket >= 0) this.#counts[bucket]++;
    this.#sum += value;
    this.#count++;
  }

  write(lines: string[]): void {
    writeHead(lines, this.name, this.help, 'histogram');
    let cumulative = 0;
    this.bounds.forEach((bound, index) => {
      cumulative += this.#counts[index];
      lines.push(`${this.name}_bucket{le="${bound}"} ${cumulative}`);
    });
    lines.push(`${this.name}_bucket{le="+Inf"} ${this.#count}`);
    lines.push(`${this.name}_sum ${this.#sum}`, `${this.name}_count ${this.#count}`);
  }
}

function writeHead(lines: string[], name: string, help: string, type: string): void {
  lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
}

function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}

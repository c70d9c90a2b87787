/**
 * The replay windows of the SSRCs that a peer sends, a bounded number of them. Hot path: allocates only when an
 * SSRC is new.
 *
 * Only authenticated packets get here, so only the peer itself can fill the table. When it is full the SSRC that
 * has been silent for longest is forgotten: refusing new ones instead would end a long-lived pipe whose streams
 * come and go. A forgotten SSRC that speaks again starts in its first cycle.
 */
import { ReplayWindow } from './replay-window.js';

/** The replay window of one SSRC; its highest index holds rollover counter and highest sequence number. */
export class Source extends ReplayWindow {
  /** When it last was accepted, counted in packets of the table. */
  lastUsed = 0;
}

export class SourceTable {
  /** Keyed by the SSRC as a signed number, which V8 keeps out of the heap. */
  private readonly sources = new Map<number, Source>();
  private packets = 0;

  constructor(private readonly maxSources: number) {}

  get size(): number {
    return this.sources.size;
  }

  find(ssrc: number): Source | undefined {
    return this.sources.get(ssrc);
  }

  /** Records an authenticated packet. `known` is what `find` returned for its SSRC. */
  accept(ssrc: number, known: Source | undefined, index: number): void {
    const source = known ?? this.add(ssrc);
    source.lastUsed = ++this.packets;
    source.accept(index);
  }

  private add(ssrc: number): Source {
    if (this.sources.size >= this.maxSources) this.forgetLeastRecent();
    const source = new Source();
    this.sources.set(ssrc, source);
    return source;
  }

  private forgetLeastRecent(): void {
    let oldest = 0;
    let oldestUse = Infinity;
    for (const [ssrc, source] of this.sources) {
      if (source.lastUsed < oldestUse) {
        oldest = ssrc;
        oldestUse = source.lastUsed;
      }
    }
    this.sources.delete(oldest);
  }
}

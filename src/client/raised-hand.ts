/** This client's own hand: keeps what the page wants and what the server knows the same, across lost connections. */
export interface RaisedHandSettings {
  /** Resolves with the hand's place, null for one that is down; rejects when the server cannot be told. */
  tell(raised: boolean): Promise<{ at: number | null }>;
  onChanged(at: number | null): void;
}

export class RaisedHand {
  at: number | null = null;
  #wanted = false;

  constructor(private readonly settings: RaisedHandSettings) {}

  /** Rejects when the server was not told: `joined` makes that good. */
  async set(raised: boolean): Promise<void> {
    this.#wanted = raised;
    await this.#tell();
  }

  /** After a join: what the server knows. */
  async joined(at: number | null): Promise<void> {
    this.#know(at);
    if (this.#wanted !== (at !== null)) await this.#tell();
  }

  /** The client has left. */
  forget(): void {
    this.#wanted = false;
    this.at = null;
  }

  async #tell(): Promise<void> {
    const wanted = this.#wanted;
    const { at } = await this.settings.tell(wanted);
    // Otherwise a later answer is on its way.
    if (wanted === this.#wanted) this.#know(at);
  }

  #know(at: number | null): void {
    if (this.at === at) return;
    this.at = at;
    this.settings.onChanged(at);
  }
}

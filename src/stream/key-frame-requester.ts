/** Milliseconds between requests for one stream: a second viewer half a second later still starts quickly. */
const REQUEST_INTERVAL_MS = 500;
/** Milliseconds until a lost request or key frame is noticed the first time: a round trip and a frame. */
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 4000;

/**
 * Key-frame requests towards one source: however many receivers ask, the sender sees few of them; and while nobody got
 * one, the request is repeated, because either it or the key frame may have been lost, and a still screen sends nothing.
 */
export class KeyFrameRequester {
  private wanted = false;
  private sentAt = Number.NEGATIVE_INFINITY;
  private dueAt = Number.POSITIVE_INFINITY;
  private retryMs = FIRST_RETRY_MS;
  /** Requests sent. */
  count = 0;

  /**
   * @param send sends a PLI now
   * @param delayMs least pause between a request and the next one (mediasoup's keyFrameRequestDelay), 0: the default of half a second
   */
  constructor(
    private readonly send: () => void,
    private readonly delayMs = 0,
  ) {}

  /** Somebody needs a key frame. */
  request(now: number): void {
    if (this.wanted) return;
    this.wanted = true;
    this.retryMs = FIRST_RETRY_MS;
    const earliest = this.sentAt + Math.max(REQUEST_INTERVAL_MS, this.delayMs);
    if (now >= earliest) this.fire(now);
    else this.dueAt = earliest;
  }

  /** One has arrived: nobody needs to ask any more. */
  received(): void {
    this.wanted = false;
    this.dueAt = Number.POSITIVE_INFINITY;
  }

  nextTimeout(): number {
    return this.dueAt;
  }

  handleTimeout(now: number): void {
    if (this.wanted && now >= this.dueAt) this.fire(now);
  }

  private fire(now: number): void {
    this.sentAt = now;
    this.dueAt = now + Math.max(this.retryMs, this.delayMs);
    this.retryMs = Math.min(MAX_RETRY_MS, this.retryMs * 2);
    this.count += 1;
    this.send();
  }
}

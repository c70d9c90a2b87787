/**
 * Least milliseconds between two requests for one stream: libwebrtc's sender ignores another one within 300
 * (video/encoder_rtcp_feedback).
 */
const MIN_INTERVAL_MS = 320;
/** Requests that may follow each other that closely: viewers who arrive together each get a quick start. */
const BURST = 3;
/** Milliseconds for one more request: in the long run a stream is asked twice a second, however many viewers want it. */
const REFILL_MS = 500;
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
  private tokens = BURST;
  private tokensAt = Number.NEGATIVE_INFINITY;
  /** Requests sent. */
  count = 0;

  /**
   * @param send sends a PLI now
   * @param delayMs least pause between a request and the next one (mediasoup's keyFrameRequestDelay), 0: the limits above alone
   */
  constructor(
    private readonly send: (now: number) => void,
    private readonly delayMs = 0,
  ) {}

  /** Somebody needs a key frame. */
  request(now: number): void {
    if (this.wanted) return;
    this.wanted = true;
    this.retryMs = FIRST_RETRY_MS;
    this.fireOrWait(now);
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
    if (this.wanted && now >= this.dueAt) this.fireOrWait(now);
  }

  private fireOrWait(now: number): void {
    const earliest = Math.max(this.sentAt + Math.max(MIN_INTERVAL_MS, this.delayMs), this.nextToken(now));
    if (now >= earliest) this.fire(now);
    else this.dueAt = earliest;
  }

  /** When a request is to be had; now, if one is. */
  private nextToken(now: number): number {
    const since = this.tokensAt === Number.NEGATIVE_INFINITY ? 0 : now - this.tokensAt;
    this.tokens = Math.min(BURST, this.tokens + since / REFILL_MS);
    this.tokensAt = now;
    return this.tokens >= 1 ? now : now + (1 - this.tokens) * REFILL_MS;
  }

  private fire(now: number): void {
    this.sentAt = now;
    this.tokens -= 1;
    this.dueAt = now + Math.max(this.retryMs, this.delayMs);
    this.retryMs = Math.min(MAX_RETRY_MS, this.retryMs * 2);
    this.count += 1;
    this.send(now);
  }
}

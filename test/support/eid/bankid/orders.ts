/** The orders of the simulated service: what they were asked with, and what becomes of them as the clock goes on. */
import { createHmac, randomBytes, randomUUID } from 'node:crypto';

export interface AuthRequest {
  readonly endUserIp: string;
  readonly userVisibleData?: string;
  readonly userNonVisibleData?: string;
  readonly returnUrl?: string;
}

/** Unopened orders fail after half a minute, opened ones after three. */
const START_WITHIN_MS = 30_000;
const COMPLETE_WITHIN_MS = 180_000;
/** A QR code that is older, or younger, than this was copied. */
const QR_TOLERANCE_S = 5;

export class SimulatedOrder {
  readonly orderRef = randomUUID();
  readonly autoStartToken = randomUUID();
  readonly qrStartToken = randomUUID();
  readonly qrStartSecret = randomUUID();
  /** BankID's own, beside that of the relying party. */
  readonly serverNonce = randomBytes(20).toString('base64');
  readonly startedAt: number;
  status: 'pending' | 'failed' | 'complete' = 'pending';
  hintCode = 'outstandingTransaction';
  completionData: Record<string, unknown> | null = null;
  wasCancelled = false;
  collected = 0;
  #openedAt: number | null = null;

  constructor(
    readonly request: AuthRequest,
    private readonly now: () => number,
  ) {
    this.startedAt = now();
  }

  get isOpened(): boolean {
    return this.#openedAt !== null;
  }

  /** An app has it. */
  open(): void {
    this.passTime();
    if (this.status !== 'pending') throw new Error(`the app says: the order has ended (${this.hintCode})`);
    this.#openedAt ??= this.now();
    this.hintCode = 'started';
  }

  fail(hintCode: string): void {
    if (this.status !== 'pending') return;
    this.status = 'failed';
    this.hintCode = hintCode;
  }

  complete(completionData: Record<string, unknown>): void {
    this.status = 'complete';
    this.completionData = completionData;
  }

  passTime(): void {
    if (this.status !== 'pending') return;
    const now = this.now();
    if (this.#openedAt === null) {
      if (now - this.startedAt > START_WITHIN_MS) this.fail('startFailed');
    } else if (now - this.startedAt > COMPLETE_WITHIN_MS) this.fail('expiredTransaction');
    else if (this.hintCode === 'started' && now - this.#openedAt >= 1_000) this.hintCode = 'userSign';
  }

  /** As `collect` answers. */
  answer(): Record<string, unknown> {
    this.passTime();
    this.collected++;
    const { orderRef, status } = this;
    return this.completionData
      ? { orderRef, status, completionData: this.completionData }
      : { orderRef, status, hintCode: this.hintCode };
  }
}

export class SimulatedOrders {
  /** In the order of their start. */
  readonly all: SimulatedOrder[] = [];

  constructor(private readonly now: () => number) {}

  begin(request: AuthRequest): SimulatedOrder {
    const order = new SimulatedOrder(request, this.now);
    this.all.push(order);
    return order;
  }

  byRef(orderRef: unknown): SimulatedOrder | undefined {
    return this.all.find((order) => order.orderRef === orderRef);
  }

  byAutoStartToken(token: string | null): SimulatedOrder {
    const order = this.all.find(({ autoStartToken }) => autoStartToken === token);
    if (!order) throw new Error('the app says: no order has this autostart token');
    return order;
  }

  /** Throws, as the app does, unless the text is the one that this second's code must hold. */
  byQr(text: string): SimulatedOrder {
    const [scheme, token, time, mac, ...others] = text.split('.');
    const order = this.all.find(({ qrStartToken }) => qrStartToken === token);
    if (scheme !== 'bankid' || !order || others.length > 0)
      throw new Error('the app says: no QR code of BankID');
    const expected = createHmac('sha256', order.qrStartSecret).update(time).digest('hex');
    if (mac !== expected) throw new Error('the app says: the QR code is forged');
    const age = (this.now() - order.startedAt) / 1_000 - Number(time);
    if (!(Math.abs(age) <= QR_TOLERANCE_S))
      throw new Error('the app says: the QR code is not the current one');
    return order;
  }
}

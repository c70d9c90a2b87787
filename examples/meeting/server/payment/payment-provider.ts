/** What takes payments for the service. Card numbers never come here: people pay on the provider's own page. */

export type PaymentState = 'pending' | 'paid' | 'failed';

export interface PaymentRequest {
  /** Ours, unique: a second request with the same id is the same payment. */
  paymentId: string;
  /** Whole units of `currency`. */
  amount: number;
  currency: 'SEK';
  /** Shown while paying. Says nothing about the meeting. */
  description: string;
  /** Where the browser comes back to, paid or not. */
  returnUrl: string;
  /** Where the provider tells of news. */
  noticeUrl: string;
}

export interface PaymentNotice {
  header: (name: string) => string;
  /** The JSON that was posted. */
  body: unknown;
}

export interface PaymentProvider {
  /** Stable word, as `sandbox`; a part of `noticeUrl`. */
  readonly id: string;
  /** `reference`: the provider's own id of the payment. Rejects when the provider cannot begin. */
  create(request: PaymentRequest): Promise<{ reference: string; redirectUrl: string }>;
  /** What the provider says now; rejects when it does not answer. An unknown payment has failed. */
  status(reference: string): Promise<PaymentState>;
  /**
   * The reference that a notice is about, or null when it is not proven to come from the provider. What happened is then
   * asked by `status`: a notice only wakes us.
   */
  verifyNotice(notice: PaymentNotice): string | null;
}

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Language } from '../../shared/api.js';
import { refusal } from '../http/refusal.js';
import { redirect, textReply, type Route } from '../http/route.js';
import { escapeHtml } from '../notify/html.js';
import type { PaymentNotice, PaymentProvider, PaymentRequest, PaymentState } from './payment-provider.js';

interface SandboxPayment {
  request: PaymentRequest;
  state: PaymentState;
}

/** Signed notices older than this are not taken: a copy must not work for ever. */
const NOTICE_MAX_AGE_MS = 5 * 60_000;
const MAX_PAYMENTS = 10_000;

/** Pays nothing: its page has one link that says "paid" and one that says "not paid". Kept in memory only. */
export class SandboxProvider implements PaymentProvider {
  readonly id = 'sandbox';
  readonly #key = randomBytes(32);
  readonly #payments = new Map<string, SandboxPayment>();
  readonly #publicUrl: () => string;
  readonly #now: () => number;

  constructor(publicUrl: () => string, now: () => number) {
    this.#publicUrl = publicUrl;
    this.#now = now;
  }

  create(request: PaymentRequest): Promise<{ reference: string; redirectUrl: string }> {
    const reference = randomBytes(24).toString('base64url');
    this.#payments.set(reference, { request, state: 'pending' });
    if (this.#payments.size > MAX_PAYMENTS) {
      for (const oldest of this.#payments.keys()) {
        this.#payments.delete(oldest);
        break;
      }
    }
    const redirectUrl = new URL(`/pay/sandbox/${reference}`, this.#publicUrl()).href;
    return Promise.resolve({ reference, redirectUrl });
  }

  status(reference: string): Promise<PaymentState> {
    return Promise.resolve(this.#payments.get(reference)?.state ?? 'failed');
  }

  verifyNotice({ header, body }: PaymentNotice): string | null {
    const { reference, at } = (body ?? {}) as { reference?: unknown; at?: unknown };
    if (typeof reference !== 'string' || typeof at !== 'number') return null;
    const expected = Buffer.from(this.#sign(reference, at));
    const given = Buffer.from(header('x-sandbox-signature'));
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
    return Math.abs(this.#now() - at) <= NOTICE_MAX_AGE_MS ? reference : null;
  }

  /** What a real provider would post to `noticeUrl`. */
  notice(reference: string): { body: { reference: string; at: number }; signature: string } {
    const at = this.#now();
    return { body: { reference, at }, signature: this.#sign(reference, at) };
  }

  settle(reference: string, state: 'paid' | 'failed'): PaymentRequest {
    const payment = this.#payments.get(reference);
    if (payment === undefined) throw refusal('not-found');
    // What is paid stays paid.
    if (payment.state === 'pending') payment.state = state;
    return payment.request;
  }

  /** Its page. Links and not a form: answers of this service forbid forms. */
  routes(): Route[] {
    const settleRoute = (word: string, state: 'paid' | 'failed'): Route => ({
      method: 'GET',
      pattern: `/pay/sandbox/:reference/${word}`,
      limits: ['notice'],
      handler: ({ params }) => redirect(this.settle(params.reference, state).returnUrl),
    });
    return [
      {
        method: 'GET',
        pattern: '/pay/sandbox/:reference',
        limits: ['notice'],
        handler: ({ params, language }) => {
          const payment = this.#payments.get(params.reference);
          if (payment === undefined) throw refusal('not-found');
          return textReply('text/html; charset=utf-8', page(params.reference, payment.request, language));
        },
      },
      settleRoute('approve', 'paid'),
      settleRoute('decline', 'failed'),
    ];
  }

  #sign(reference: string, at: number): string {
    return createHmac('sha256', this.#key).update(`${reference}:${at}`).digest('hex');
  }
}

const TEXTS: Record<Language, Record<'title' | 'lead' | 'approve' | 'decline', string>> = {
  sv: {
    title: 'Provbetalning',
    lead: 'Inga pengar dras. Sidan finns för att prova tjänsten.',
    approve: 'Betala',
    decline: 'Avbryt',
  },
  en: {
    title: 'Trial payment',
    lead: 'No money is taken. The page is there to try the service.',
    approve: 'Pay',
    decline: 'Cancel',
  },
};

function page(
  reference: string,
  { amount, currency, description }: PaymentRequest,
  language: Language,
): string {
  const path = `/pay/sandbox/${encodeURIComponent(reference)}`;
  const { title, lead, approve, decline } = TEXTS[language];
  return [
    '<!doctype html>',
    `<html lang="${language}"><head><meta charset="utf-8"><title>${title}</title>`,
    '<meta name="viewport" content="width=device-width, initial-scale=1"></head>',
    `<body><main><h1>${title}</h1>`,
    `<p>${lead}</p>`,
    `<p>${escapeHtml(description)}: <strong>${amount} ${currency}</strong></p>`,
    `<p><a href="${path}/approve">${approve}</a></p>`,
    `<p><a href="${path}/decline">${decline}</a></p>`,
    '</main></body></html>',
    '',
  ].join('\n');
}

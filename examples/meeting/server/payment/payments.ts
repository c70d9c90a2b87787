import { randomUUID } from 'node:crypto';
import type { InvitationView } from '../../shared/api.js';
import { refusal, type Refusal } from '../http/refusal.js';
import type { ServiceContext } from '../service-context.js';
import { StoreError, type InvitationRecord, type MeetingRecord, type PaymentRecord } from '../store/store.js';
import type { PaymentNotice, PaymentProvider, PaymentState } from './payment-provider.js';

type Meeting = Pick<MeetingRecord, 'id' | 'organisationId' | 'payment'>;
type Invitation = Pick<InvitationRecord, 'id' | 'role'>;

type PaymentContext = Pick<ServiceContext, 'store' | 'now' | 'publicUrl' | 'log'>;

/** Each begun payment is a row: somebody who tries again and again must not fill the table. */
const MAX_PAYMENTS_PER_INVITATION = 10;

/** What is to be paid before the waiting room, and whether it is. */
export class Payments {
  readonly #context: PaymentContext;
  readonly #provider: PaymentProvider | null;

  /** Without a provider nothing is to be paid. */
  constructor(context: PaymentContext, provider: PaymentProvider | null) {
    this.#context = context;
    this.#provider = provider;
  }

  get enabled(): boolean {
    return this.#provider !== null;
  }

  /** For `InvitationView`; null: nothing to pay. */
  async view(meeting: Meeting, invitation: Invitation): Promise<InvitationView['payment']> {
    const price = this.#price(meeting, invitation);
    return price === null ? null : { ...price, paid: await this.#isPaid(meeting, invitation) };
  }

  /** To be called before somebody gets into the waiting room; throws `payment-required`. */
  async requirePaid(meeting: Meeting, invitation: Invitation | null): Promise<void> {
    if (invitation === null || this.#price(meeting, invitation) === null) return;
    if (await this.#isPaid(meeting, invitation)) return;
    // The browser may be back before the provider's notice.
    await this.refresh(meeting, invitation);
    if (!(await this.#isPaid(meeting, invitation))) throw refusal('payment-required');
  }

  /** Begins to pay: where the browser goes. */
  async begin(meeting: Meeting, invitation: Invitation): Promise<{ redirectUrl: string }> {
    const price = this.#price(meeting, invitation);
    const provider = this.#provider;
    if (price === null || provider === null) throw refusal('conflict');
    await this.refresh(meeting, invitation);
    if (await this.#isPaid(meeting, invitation)) throw refusal('conflict');
    const { store, now, publicUrl } = this.#context;
    const record: PaymentRecord = {
      id: randomUUID(),
      meetingId: meeting.id,
      invitationId: invitation.id,
      provider: provider.id,
      reference: null,
      ...price,
      state: 'pending',
      createdAt: now(),
      updatedAt: now(),
    };
    await store.transaction(async (tx) => {
      const earlier = await tx.payments.list({ meetingId: meeting.id, invitationId: invitation.id });
      if (earlier.length >= MAX_PAYMENTS_PER_INVITATION) throw refusal('rate-limited');
      await tx.payments.insert(record);
    });
    const organisation = await store.organisations.get(meeting.organisationId);
    try {
      const { reference, redirectUrl } = await provider.create({
        paymentId: record.id,
        ...price,
        description: organisation?.name ?? '',
        returnUrl: new URL(`/meeting/${meeting.id}`, publicUrl()).href,
        noticeUrl: new URL(`/api/payments/${provider.id}/notice`, publicUrl()).href,
      });
      await store.payments.update(record.id, { reference, updatedAt: now() });
      return { redirectUrl };
    } catch (cause) {
      await this.#settle(record, 'failed');
      throw this.#unavailable(cause);
    }
  }

  /** Asks the provider about what is still pending. */
  async refresh(meeting: Meeting, invitation: Invitation): Promise<void> {
    const payments = await this.#context.store.payments.list({
      meetingId: meeting.id,
      invitationId: invitation.id,
    });
    for (const payment of payments) await this.#ask(payment);
  }

  /** A notice of the provider; throws `forbidden` when it is not proven to be one. */
  async notice(providerId: string, notice: PaymentNotice): Promise<void> {
    const provider = this.#provider;
    if (provider === null || provider.id !== providerId) throw refusal('not-found');
    const reference = provider.verifyNotice(notice);
    if (reference === null) throw refusal('forbidden');
    const payment = await this.#context.store.payments.findByReference(provider.id, reference);
    if (payment !== null) await this.#ask(payment);
  }

  async #ask(payment: PaymentRecord): Promise<void> {
    const provider = this.#provider;
    if (provider === null || payment.provider !== provider.id) return;
    if (payment.state !== 'pending' || payment.reference === null) return;
    let state: PaymentState;
    try {
      state = await provider.status(payment.reference);
    } catch (cause) {
      throw this.#unavailable(cause);
    }
    if (state !== 'pending') await this.#settle(payment, state);
  }

  async #settle(payment: PaymentRecord, state: 'paid' | 'failed'): Promise<void> {
    const { store, now } = this.#context;
    try {
      await store.transaction(async (tx) => {
        await tx.payments.update(payment.id, { state, updatedAt: now() }, 'pending');
        const meeting = await tx.meetings.get(payment.meetingId);
        if (meeting === null) return;
        await tx.audit.append({
          organisationId: meeting.organisationId,
          at: now(),
          action: state === 'paid' ? 'payment.received' : 'payment.failed',
          actor: `payment-provider:${payment.provider}`,
          meetingId: meeting.id,
          details: { payment: payment.id, invitation: payment.invitationId, amount: payment.amount },
        });
      });
    } catch (error) {
      // A notice and the browser's return may come at the same time: whoever was first has written it.
      if (!(error instanceof StoreError) || error.code !== 'conflict') throw error;
    }
  }

  /** The one whom the meeting is about pays; those who help, accompany or work do not. */
  #price(meeting: Meeting, { role }: Invitation): MeetingRecord['payment'] {
    return this.#provider !== null && role === 'participant' ? meeting.payment : null;
  }

  async #isPaid(meeting: Meeting, invitation: Invitation): Promise<boolean> {
    const payments = await this.#context.store.payments.list({
      meetingId: meeting.id,
      invitationId: invitation.id,
    });
    return payments.some(({ state }) => state === 'paid');
  }

  #unavailable(cause: unknown): Refusal {
    this.#context.log.warn(
      { err: cause, provider: this.#provider?.id },
      'the payment provider did not answer',
    );
    return refusal('unavailable', {
      localized: {
        sv: 'Betaltjänsten svarar inte just nu. Försök igen om en stund. Inget har betalats.',
        en: 'The payment service does not answer at present. Try again in a while. Nothing was paid.',
      },
    });
  }
}

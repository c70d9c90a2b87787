/**
 * The portal: booking, administration, operation, the booking systems' API, the messages that go out, and payment.
 *
 *   const ways = createWays({ ...config, log });
 *   const portal = createPortal(context, ways, { payment: 'off' });
 *   // serve portal.routes; ask portal.payments before anybody waits
 *   portal.start();
 *   await portal.stop();
 */
import type { Route } from '../http/route.js';
import { deliverNotices } from '../notify/deliver-notice.js';
import { keptMailsRoute } from '../notify/kept-mails.js';
import { OutboxWorker } from '../notify/outbox-worker.js';
import type { Ways } from '../notify/ways.js';
import { paymentRoutes } from '../payment/payment-routes.js';
import { Payments } from '../payment/payments.js';
import { SandboxProvider } from '../payment/sandbox-provider.js';
import type { PaymentProvider } from '../payment/payment-provider.js';
import type { ServiceContext } from '../service-context.js';
import { Administration } from './administration.js';
import { AuditDesk } from './audit-desk.js';
import { adminRoutes } from './admin-routes.js';
import { bookingApiRoutes } from './booking-api-routes.js';
import { MeetingDesk } from './meeting-desk.js';
import { Operation } from './operation.js';
import { operatorRoutes } from './operator-routes.js';
import type { PortalParts } from './portal-parts.js';
import { portalRoutes } from './portal-routes.js';
import { SendingLimit } from './sending-limit.js';

export interface PortalOptions {
  /** `sandbox` is for trying out; a provider of one's own is given as such. Default `off`. */
  payment?: 'off' | 'sandbox' | PaymentProvider;
}

export interface Portal {
  readonly routes: readonly Route[];
  readonly payments: Payments;
  readonly audit: AuditDesk;
  /** Begins to send what waits; the service must listen by then, since links name its address. */
  start(): void;
  /** Resolves when what is being sent has ended. */
  stop(): Promise<void>;
}

export function createPortal(context: ServiceContext, ways: Ways, options: PortalOptions = {}): Portal {
  const outbox = new OutboxWorker({
    store: context.store,
    deliver: deliverNotices(context, ways),
    now: () => context.now(),
    onTrouble: ({ id, channel, attempts }, { reason, final, fault }) => {
      const told = { id, channel, attempts, final, reason, ...(fault === undefined ? {} : { err: fault }) };
      context.log.warn(told, 'a message could not be sent');
    },
  });
  const sandbox =
    options.payment === 'sandbox'
      ? new SandboxProvider(
          () => context.publicUrl(),
          () => context.now(),
        )
      : null;
  const given = typeof options.payment === 'object' ? options.payment : null;
  const payments = new Payments(context, sandbox ?? given);
  const parts: PortalParts = {
    context,
    channels: { email: ways.mailer !== null, sms: ways.sms !== null },
    paymentEnabled: payments.enabled,
    sending: new SendingLimit(() => performance.now()),
    wakeOutbox: () => outbox.wake(),
  };
  const desk = new MeetingDesk(parts);
  const audit = new AuditDesk(context);
  return {
    payments,
    audit,
    routes: [
      ...portalRoutes(parts, desk),
      ...adminRoutes(parts, new Administration(parts, desk), audit),
      ...operatorRoutes(parts, new Operation(parts)),
      ...bookingApiRoutes(parts, desk),
      ...paymentRoutes(context, payments),
      ...(sandbox?.routes() ?? []),
      ...(ways.kept === null ? [] : [keptMailsRoute(ways.kept)]),
    ],
    start: () => outbox.start(),
    stop: async () => {
      await outbox.stop();
      ways.mailer?.close();
    },
  };
}

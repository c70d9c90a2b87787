import type { ServiceContext } from '../service-context.js';
import { invitationMail } from './invitation-mail.js';
import { noticeTexts } from './invitation-texts.js';
import { DeliveryError } from './mailer.js';
import { noticeOf } from './notice-of-message.js';
import type { Deliver } from './outbox-worker.js';
import type { Ways } from './ways.js';

/**
 * Writes what an outbox message stands for from how things are at this moment, and sends it: a late one tells the newest
 * time, and neither link nor text lies in the database.
 */
export function deliverNotices(
  context: Pick<ServiceContext, 'store' | 'secret' | 'publicUrl'>,
  ways: Pick<Ways, 'mailer' | 'sms' | 'from'>,
): Deliver {
  return async (message, now) => {
    const found = await noticeOf(context, message, now);
    if (found === null) return 'obsolete';
    const { notice, event } = found;
    if (message.channel === 'email') {
      if (ways.mailer === null) throw new DeliveryError('no mail server is configured (SMTP_URL)', false);
      const publicUrl = context.publicUrl();
      const { id, recipient: to } = message;
      await ways.mailer.send(
        invitationMail({ ...notice, id, to, calendar: event, now, from: ways.from, publicUrl }),
      );
    } else {
      if (ways.sms === null) throw new DeliveryError('no SMS provider is configured (SMS_URL)', false);
      await ways.sms.send({ id: message.id, to: message.recipient, text: noticeTexts(notice).sms });
    }
    return 'sent';
  };
}

import type { ServiceContext } from '../service-context.js';
import type { OutboxRecord } from '../store/store.js';
import { invitationMail } from './invitation-mail.js';
import { noticeTexts, type Notice, type NoticeKind } from './invitation-texts.js';
import { invitationLink } from './invitation-token.js';
import { DeliveryError } from './mailer.js';
import type { Deliver } from './outbox-worker.js';
import type { Ways } from './ways.js';

const KINDS: readonly NoticeKind[] = ['invitation', 'update', 'cancellation'];

/**
 * Writes what an outbox message stands for from how things are at this moment, and sends it: a late one tells the newest
 * time, and neither link nor text lies in the database.
 */
export function deliverNotices(
  context: Pick<ServiceContext, 'store' | 'secret' | 'publicUrl'>,
  ways: Pick<Ways, 'mailer' | 'sms' | 'from'>,
): Deliver {
  return async (message, now) => {
    const found = await noticeOf(context, message);
    if (found === null) return 'obsolete';
    const { notice, sequence, invitationId } = found;
    if (message.channel === 'email') {
      if (ways.mailer === null) throw new DeliveryError('no mail server is configured (SMTP_URL)', false);
      const publicUrl = context.publicUrl();
      const { id, recipient: to } = message;
      await ways.mailer.send(
        invitationMail({ ...notice, id, to, invitationId, sequence, now, from: ways.from, publicUrl }),
      );
    } else {
      if (ways.sms === null) throw new DeliveryError('no SMS provider is configured (SMS_URL)', false);
      await ways.sms.send({ id: message.id, to: message.recipient, text: noticeTexts(notice).sms });
    }
    return 'sent';
  };
}

/** Null: there is nothing left to tell. */
async function noticeOf(
  context: Pick<ServiceContext, 'store' | 'secret' | 'publicUrl'>,
  message: OutboxRecord,
): Promise<{ notice: Notice; sequence: number; invitationId: string } | null> {
  const { store } = context;
  const kind = KINDS.find((one) => one === (message.content as { kind?: unknown } | null)?.kind);
  if (kind === undefined || message.invitationId === null) throw new Error('a message of an unknown kind');
  const invitation = await store.invitations.get(message.invitationId);
  const meeting = invitation === null ? null : await store.meetings.get(invitation.meetingId);
  if (invitation === null || meeting === null) return null;
  const isOver = meeting.status === 'cancelled' || meeting.status === 'ended';
  if (kind !== 'cancellation' && (isOver || invitation.revokedAt !== null)) return null;
  // Nothing says what a cancellation does.
  if (kind !== 'cancellation' && (await isOvertaken(context, message))) return null;
  const organisation = await store.organisations.get(meeting.organisationId);
  if (organisation === null) throw new Error(`the organisation of meeting ${meeting.id} is missing`);
  return {
    invitationId: invitation.id,
    // Each change of a meeting makes its version one more; the first is 1.
    sequence: meeting.version - 1,
    notice: {
      kind,
      language: invitation.language,
      organisation: organisation.name,
      startsAt: meeting.startsAt,
      durationMinutes: meeting.durationMinutes,
      link: invitationLink(context.publicUrl(), context.secret, invitation.id),
      minimumAssurance: meeting.minimumAssurance,
      support: organisation.support,
    },
  };
}

/** A later message to the same person waits: it says all that this one would. */
async function isOvertaken(
  { store }: Pick<ServiceContext, 'store'>,
  message: OutboxRecord,
): Promise<boolean> {
  if (message.meetingId === null) return false;
  const others = await store.outbox.list({ meetingId: message.meetingId });
  return others.some(
    (other) =>
      other.id !== message.id &&
      other.invitationId === message.invitationId &&
      other.state === 'queued' &&
      (other.createdAt > message.createdAt ||
        (other.createdAt === message.createdAt && other.id > message.id)),
  );
}

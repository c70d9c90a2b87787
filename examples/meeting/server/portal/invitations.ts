/** Invitations to one meeting or to a series, and the messages that tell of them: one to each person for each act. */
import { randomUUID } from 'node:crypto';
import type { NoticeKind } from '../notify/invitation-texts.js';
import { invitationToken, tokenHash } from '../notify/invitation-token.js';
import type { NoticeContent } from '../notify/notice-of-message.js';
import type { ServiceContext } from '../service-context.js';
import type { InvitationRecord, MeetingRecord, StoreGroups } from '../store/store.js';
import type { Invitee } from './parse-booking.js';

export class Invitations {
  constructor(private readonly context: Pick<ServiceContext, 'secret' | 'identities'>) {}

  /** Each of `invitees` to all of `meetings`; to several of them with one link and one message. */
  async invite(
    tx: StoreGroups,
    meetings: readonly MeetingRecord[],
    invitees: readonly Invitee[],
    now: number,
  ): Promise<void> {
    const { secret, identities } = this.context;
    for (const { personalNumber, ...invitee } of invitees) {
      const seriesId = meetings.length > 1 ? randomUUID() : null;
      const made: InvitationRecord[] = [];
      for (const { id: meetingId } of meetings) {
        const id = randomUUID();
        const invitation: InvitationRecord = {
          id,
          meetingId,
          ...invitee,
          subjectHash: personalNumber === null ? null : identities.hash('personal-number-se', personalNumber),
          tokenHash: tokenHash(invitationToken(secret, id)),
          seriesId,
          seriesTokenHash: seriesId === null ? null : tokenHash(invitationToken(secret, seriesId)),
          sequence: 0,
          delivery: 'not-sent',
          deliveredAt: null,
          revokedAt: null,
          createdAt: now,
        };
        await tx.invitations.insert(invitation);
        made.push(invitation);
      }
      await this.notify(tx, made, 'invitation', now);
    }
  }

  /**
   * Tells those who are invited; of several invitations to a series, each person once. `asSeries`: of their whole series, even
   * if it is about one invitation. Answers how many messages that makes: none goes out to those who have only a link, which
   * the organiser hands over.
   */
  async notify(
    tx: StoreGroups,
    invitations: readonly InvitationRecord[],
    kind: NoticeKind,
    now: number,
    { asSeries = false } = {},
  ): Promise<number> {
    let messages = 0;
    for (const told of byPerson(invitations)) {
      const [first] = told;
      const recipient = first.email ?? first.phone;
      if (first.via === 'link' || recipient === null) continue;
      const { seriesId } = first;
      const all = seriesId === null ? [first] : await tx.invitations.listSeries({ seriesId });
      const aboutSeries = seriesId !== null && (asSeries || told.length > 1);
      // All that is told of a series lies in one place, in its order.
      const { id: invitationId, meetingId } = aboutSeries ? all[0] : first;
      const content: NoticeContent = aboutSeries
        ? {
            kind,
            series: true,
            ...(kind === 'cancellation' ? { meetings: told.map((one) => one.meetingId) } : {}),
          }
        : { kind };
      const id = randomUUID();
      const message = { id, channel: first.via, recipient, content, meetingId, invitationId, createdAt: now };
      await tx.outbox.enqueue(message);
      await this.#mark(tx, all, aboutSeries ? all : [first], kind);
      messages += 1;
    }
    return messages;
  }

  /** How many messages about it, or about its series, were put in since. */
  async sentSince(
    tx: StoreGroups,
    { id, meetingId, seriesId }: InvitationRecord,
    since: number,
  ): Promise<number> {
    const head = seriesId === null ? undefined : (await tx.invitations.listSeries({ seriesId })).at(0);
    const place = head ?? { id, meetingId };
    const earlier = await tx.outbox.list({ meetingId: place.meetingId });
    return earlier.filter(({ invitationId, createdAt }) => invitationId === place.id && createdAt > since)
      .length;
  }

  /** The calendar's number belongs to the whole event, so it goes up for all of a series. */
  async #mark(
    tx: StoreGroups,
    all: readonly InvitationRecord[],
    told: readonly InvitationRecord[],
    kind: NoticeKind,
  ): Promise<void> {
    const sequence = Math.max(...all.map((one) => one.sequence)) + (kind === 'invitation' ? 0 : 1);
    for (const invitation of all) {
      const change: Partial<InvitationRecord> = {};
      if (invitation.sequence !== sequence) change.sequence = sequence;
      if (told.some(({ id }) => id === invitation.id) && invitation.delivery !== 'not-sent') {
        change.delivery = 'not-sent';
        change.deliveredAt = null;
      }
      if (Object.keys(change).length > 0) await tx.invitations.update(invitation.id, change);
    }
  }
}

function byPerson(invitations: readonly InvitationRecord[]): InvitationRecord[][] {
  const people = new Map<string, InvitationRecord[]>();
  for (const invitation of invitations) {
    const key = invitation.seriesId ?? invitation.id;
    people.set(key, [...(people.get(key) ?? []), invitation]);
  }
  return [...people.values()];
}

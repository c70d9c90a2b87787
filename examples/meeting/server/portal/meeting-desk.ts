import { randomUUID } from 'node:crypto';
import type { MeetingView } from '../../shared/api.js';
import { refusal } from '../http/refusal.js';
import type { NoticeKind } from '../notify/invitation-texts.js';
import { invitationToken, tokenHash } from '../notify/invitation-token.js';
import type { InvitationRecord, MeetingRecord, StoreGroups } from '../store/store.js';
import { occurrences, planBooking, planCancellation, planChange } from './book-meeting.js';
import {
  bookedDuring,
  bookingDetails,
  isLive,
  messagesFor,
  newMeeting,
  ownMeeting,
  ownRoom,
  reachOf,
  seriesOf,
  toBooked,
  toChangeable,
} from './meeting-records.js';
import { meetingTypeView, meetingViews, roomView } from './meeting-views.js';
import type { Booking, Invitee, MeetingChange } from './parse-booking.js';
import type { Agent, PortalParts } from './portal-parts.js';
import { badField, conflict } from './refusals.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const RESENDS_PER_HOUR = 5;

/**
 * Books, changes and cancels. Each act is one transaction: what is judged, what is written, the messages that go out and the
 * audit entry stand or fall together.
 */
export class MeetingDesk {
  readonly #parts: PortalParts;

  constructor(parts: PortalParts) {
    this.#parts = parts;
  }

  async list(agent: Agent, period: { from?: number; to?: number }): Promise<MeetingView[]> {
    const { context } = this.#parts;
    const { organisation, organiser } = agent;
    const meetings = await context.store.meetings.list({
      organisationId: organisation.id,
      organiserId: organiser.id,
      ...period,
    });
    return meetingViews(context, context.store, meetings);
  }

  async get(agent: Agent, meetingId: string): Promise<MeetingView> {
    const { context } = this.#parts;
    const meeting = await ownMeeting(context.store, agent, meetingId);
    return (await meetingViews(context, context.store, [meeting]))[0];
  }

  async book(agent: Agent, booking: Booking): Promise<MeetingView[]> {
    const { context, channels, paymentEnabled, sending } = this.#parts;
    const now = context.now();
    sending.take(agent.organiser.id, messagesFor(booking.invitees) * (booking.series?.count ?? 1));
    const views = await context.store.transaction(async (tx) => {
      const room = await ownRoom(tx, agent, booking.roomId);
      const type = await tx.meetingTypes.get(booking.meetingTypeId);
      if (type === null || !type.active || type.organisationId !== agent.organisation.id) {
        throw badField(
          'meetingTypeId',
          'Mötestypen finns inte längre. Välj en annan.',
          'The meeting type is no longer there. Choose another.',
        );
      }
      const spans = planBooking(booking, {
        now,
        room: roomView(room),
        meetingType: meetingTypeView(type),
        booked: await bookedDuring(tx, room.id, occurrences(booking)),
        channels,
        paymentEnabled,
      });
      const seriesId = booking.series === undefined ? null : randomUUID();
      const meetings: MeetingRecord[] = [];
      for (const span of spans) {
        const meeting = await tx.meetings.insert(newMeeting(agent, booking, span, seriesId, now));
        await this.#invite(tx, meeting, booking.invitees, now);
        await tx.audit.append({
          organisationId: agent.organisation.id,
          at: now,
          action: 'meeting.booked',
          actor: agent.actor,
          meetingId: meeting.id,
          details: bookingDetails(meeting, booking),
        });
        meetings.push(meeting);
      }
      return meetingViews(context, tx, meetings);
    });
    this.#parts.wakeOutbox();
    return views;
  }

  async change(agent: Agent, meetingId: string, change: MeetingChange): Promise<MeetingView> {
    const { context, channels, sending } = this.#parts;
    const now = context.now();
    const { view, changed } = await context.store.transaction(async (tx) => {
      const meeting = await ownMeeting(tx, agent, meetingId);
      const records = await seriesOf(tx, meeting, change.wholeSeries);
      const room = await tx.rooms.get(meeting.roomId);
      if (room === null) throw new Error(`the room of meeting ${meeting.id} is missing`);
      const invitations = (await tx.invitations.list(records.map(({ id }) => id))).filter(isLive);
      const changeable = records.map((record) => toChangeable(record, invitations));
      const asked = changeable[records.indexOf(meeting)];
      const others = await bookedDuring(tx, room.id, reachOf(change, asked, changeable));
      const planned = planChange(change, asked, changeable, {
        now,
        room: roomView(room),
        booked: others,
        channels,
      });
      for (const result of planned) {
        const record = records.find(({ id }) => id === result.id);
        if (record === undefined) throw new Error(`meeting ${result.id} was not asked for`);
        const updated = await tx.meetings.update(record.id, record.version, {
          title: result.title,
          message: result.message,
          startsAt: result.startsAt,
          durationMinutes: (result.endsAt - result.startsAt) / MINUTE_MS,
        });
        const invited = invitations.filter((invitation) => invitation.meetingId === record.id);
        const told = result.timeChanged ? invited : [];
        sending.take(agent.organiser.id, messagesFor(told) + messagesFor(change.invitees));
        for (const invitation of told) await this.#notify(tx, invitation, 'update', now);
        await this.#invite(tx, updated, change.invitees, now);
        await tx.audit.append({
          organisationId: agent.organisation.id,
          at: now,
          action: 'meeting.changed',
          actor: agent.actor,
          meetingId: record.id,
          details: {
            timeChanged: result.timeChanged,
            startsAt: result.startsAt,
            added: change.invitees.length,
          },
        });
      }
      const fresh = await ownMeeting(tx, agent, meetingId);
      const [shown] = await meetingViews(context, tx, [fresh]);
      return { view: shown, changed: planned.map(({ id }) => id) };
    });
    await this.#tell(changed);
    return view;
  }

  /** Answers what was cancelled. */
  async cancel(agent: Agent, meetingId: string, wholeSeries: boolean): Promise<MeetingView[]> {
    const { context } = this.#parts;
    const now = context.now();
    const views = await context.store.transaction(async (tx) => {
      const meeting = await ownMeeting(tx, agent, meetingId);
      const records = await seriesOf(tx, meeting, wholeSeries);
      const taken = planCancellation(toBooked(meeting), records.map(toBooked), wholeSeries);
      const cancelled: MeetingRecord[] = [];
      for (const { id } of taken) cancelled.push(await this.cancelWithin(tx, agent, id, now));
      return meetingViews(context, tx, cancelled);
    });
    await this.#tell(views.map(({ id }) => id));
    return views;
  }

  /** As a part of a larger act; `announce` is to follow it. */
  async cancelWithin(tx: StoreGroups, agent: Agent, meetingId: string, now: number): Promise<MeetingRecord> {
    const meeting = await tx.meetings.get(meetingId);
    if (meeting === null) throw refusal('not-found');
    const cancelled = await tx.meetings.update(meeting.id, meeting.version, {
      status: 'cancelled',
      endedAt: now,
    });
    const invited = (await tx.invitations.list([meetingId])).filter(isLive);
    for (const invitation of invited) await this.#notify(tx, invitation, 'cancellation', now);
    await tx.audit.append({
      organisationId: agent.organisation.id,
      at: now,
      action: 'meeting.cancelled',
      actor: agent.actor,
      meetingId,
      details: { invited: invited.length },
    });
    return cancelled;
  }

  /** Those who are in the meetings or wait for them hear of it, and messages go out. */
  async announce(meetingIds: readonly string[]): Promise<void> {
    await this.#tell(meetingIds);
  }

  async resend(agent: Agent, meetingId: string, invitationId: string): Promise<MeetingView> {
    const { context, sending } = this.#parts;
    const now = context.now();
    sending.take(agent.organiser.id, 1);
    const view = await context.store.transaction(async (tx) => {
      const meeting = await ownMeeting(tx, agent, meetingId);
      const invitation = await tx.invitations.get(invitationId);
      if (invitation === null || invitation.meetingId !== meeting.id || !isLive(invitation))
        throw refusal('not-found');
      if (meeting.status !== 'planned' && meeting.status !== 'open') {
        throw conflict(
          'Mötet är avslutat eller avbokat. Ingen inbjudan skickades.',
          'The meeting has ended or is cancelled. No invitation was sent.',
        );
      }
      if (invitation.via === 'link') {
        throw conflict(
          'Inbjudan lämnas som en länk. Kopiera länken i stället.',
          'This invitation is handed over as a link. Copy the link instead.',
        );
      }
      const earlier = await tx.outbox.list({ meetingId });
      const recent = earlier.filter(
        (message) => message.invitationId === invitationId && message.createdAt > now - HOUR_MS,
      );
      if (recent.length >= RESENDS_PER_HOUR) throw refusal('rate-limited', { retryAfterSeconds: 3600 });
      await this.#notify(tx, invitation, 'invitation', now);
      await tx.audit.append({
        organisationId: agent.organisation.id,
        at: now,
        action: 'invitation.resent',
        actor: agent.actor,
        meetingId,
        details: { invitation: invitationId, via: invitation.via },
      });
      return (await meetingViews(context, tx, [meeting]))[0];
    });
    this.#parts.wakeOutbox();
    return view;
  }

  async #invite(
    tx: StoreGroups,
    meeting: MeetingRecord,
    invitees: readonly Invitee[],
    now: number,
  ): Promise<void> {
    const { secret, identities } = this.#parts.context;
    for (const [index, { personalNumber, ...invitee }] of invitees.entries()) {
      const id = randomUUID();
      const invitation: InvitationRecord = {
        id,
        meetingId: meeting.id,
        ...invitee,
        subjectHash: personalNumber === null ? null : identities.hash('personal-number-se', personalNumber),
        tokenHash: tokenHash(invitationToken(secret, id)),
        delivery: 'not-sent',
        deliveredAt: null,
        revokedAt: null,
        // They are shown by time: a millisecond apart, they keep the order in which they were typed in.
        createdAt: now + index,
      };
      await tx.invitations.insert(invitation);
      await this.#notify(tx, invitation, 'invitation', now);
    }
  }

  /** Nothing goes out to those who have only a link: the organiser hands it over. */
  async #notify(tx: StoreGroups, invitation: InvitationRecord, kind: NoticeKind, now: number): Promise<void> {
    const recipient = invitation.email ?? invitation.phone;
    if (invitation.via === 'link' || recipient === null) return;
    await tx.outbox.enqueue({
      id: randomUUID(),
      channel: invitation.via,
      recipient,
      // No more than this: time, link and words are those of the moment at which it is sent.
      content: { kind },
      meetingId: invitation.meetingId,
      invitationId: invitation.id,
      createdAt: now,
    });
    if (invitation.delivery !== 'not-sent')
      await tx.invitations.update(invitation.id, { delivery: 'not-sent', deliveredAt: null });
  }

  async #tell(meetingIds: readonly string[]): Promise<void> {
    this.#parts.wakeOutbox();
    for (const id of meetingIds) await this.#parts.context.meetings.changed(id);
  }
}

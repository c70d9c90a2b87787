import { randomUUID } from 'node:crypto';
import type { MeetingView } from '../../shared/api.js';
import { refusal } from '../http/refusal.js';
import type { InvitationRecord, MeetingRecord, StoreGroups } from '../store/store.js';
import { movedSlot, occurrences, planBooking, planCancellation, planChange } from './book-meeting.js';
import { Invitations } from './invitations.js';
import {
  bookedDuring,
  bookingDetails,
  isLive,
  liveInvitation,
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
import type { Booking, MeetingChange } from './parse-booking.js';
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
  readonly #invitations: Invitations;

  constructor(parts: PortalParts) {
    this.#parts = parts;
    this.#invitations = new Invitations(parts.context);
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
    sending.take(agent.organiser.id, messagesFor(booking.invitees));
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
      await this.#invitations.invite(tx, meetings, booking.invitees, now);
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
      const updated: MeetingRecord[] = [];
      const told: InvitationRecord[] = [];
      for (const record of records) {
        const result = planned.find(({ id }) => id === record.id);
        const slotAt = movedSlot(record.slotAt, change, meeting);
        if (result === undefined) {
          // One that has been, or is cancelled.
          if (slotAt !== record.slotAt) await tx.meetings.update(record.id, record.version, { slotAt });
          continue;
        }
        updated.push(
          await tx.meetings.update(record.id, record.version, {
            title: result.title,
            message: result.message,
            startsAt: result.startsAt,
            slotAt,
            durationMinutes: (result.endsAt - result.startsAt) / MINUTE_MS,
          }),
        );
        if (result.timeChanged) told.push(...invitations.filter(({ meetingId: id }) => id === record.id));
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
      const messages = await this.#invitations.notify(tx, told, 'update', now, {
        // A rule that has moved is told whole.
        asSeries: change.wholeSeries && change.startsAt !== undefined,
      });
      await this.#invitations.invite(tx, updated, change.invitees, now);
      sending.take(agent.organiser.id, messages + messagesFor(change.invitees));
      const fresh = await ownMeeting(tx, agent, meetingId);
      const [shown] = await meetingViews(context, tx, [fresh]);
      return { view: shown, changed: planned.map(({ id }) => id) };
    });
    await this.announce(changed);
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
      const ids = taken.map(({ id }) => id);
      return meetingViews(context, tx, await this.cancelWithin(tx, agent, ids, now));
    });
    await this.announce(views.map(({ id }) => id));
    return views;
  }

  /** As a part of a larger act; `announce` is to follow it. */
  async cancelWithin(
    tx: StoreGroups,
    agent: Agent,
    meetingIds: readonly string[],
    now: number,
  ): Promise<MeetingRecord[]> {
    const cancelled: MeetingRecord[] = [];
    const told: InvitationRecord[] = [];
    for (const meetingId of meetingIds) {
      const meeting = await tx.meetings.get(meetingId);
      if (meeting === null) throw refusal('not-found');
      const change = { status: 'cancelled', endedAt: now } as const;
      cancelled.push(await tx.meetings.update(meeting.id, meeting.version, change));
      const invited = (await tx.invitations.list([meetingId])).filter(isLive);
      told.push(...invited);
      await tx.audit.append({
        organisationId: agent.organisation.id,
        at: now,
        action: 'meeting.cancelled',
        actor: agent.actor,
        meetingId,
        details: { invited: invited.length },
      });
    }
    await this.#invitations.notify(tx, told, 'cancellation', now);
    return cancelled;
  }

  /** Takes an invitation back: the link is dead, and the person out of the waiting room and the meeting. */
  async revoke(
    agent: Agent,
    meetingId: string,
    invitationId: string,
    wholeSeries: boolean,
  ): Promise<MeetingView> {
    const { context } = this.#parts;
    const now = context.now();
    const { view, meetingIds } = await context.store.transaction(async (tx) => {
      const meeting = await ownMeeting(tx, agent, meetingId);
      const invitation = await liveInvitation(tx, meeting, invitationId);
      const taken = [invitation];
      const { seriesId } = invitation;
      const others = wholeSeries && seriesId !== null ? await tx.invitations.listSeries({ seriesId }) : [];
      for (const other of others.filter(({ id, revokedAt }) => id !== invitationId && revokedAt === null)) {
        if ((await tx.meetings.get(other.meetingId))?.status === 'planned') taken.push(other);
      }
      for (const { id, meetingId: from, role } of taken) {
        await tx.invitations.update(id, { revokedAt: now });
        await tx.audit.append({
          organisationId: agent.organisation.id,
          at: now,
          action: 'invitation.revoked',
          actor: agent.actor,
          meetingId: from,
          details: { invitation: id, role },
        });
      }
      await this.#invitations.notify(tx, taken, 'cancellation', now);
      const [shown] = await meetingViews(context, tx, [meeting]);
      return { view: shown, meetingIds: taken.map((one) => one.meetingId) };
    });
    await this.announce(meetingIds);
    return view;
  }

  async resend(agent: Agent, meetingId: string, invitationId: string): Promise<MeetingView> {
    const { context, sending } = this.#parts;
    const now = context.now();
    sending.take(agent.organiser.id, 1);
    const view = await context.store.transaction(async (tx) => {
      const meeting = await ownMeeting(tx, agent, meetingId);
      const invitation = await liveInvitation(tx, meeting, invitationId);
      if (invitation.via === 'link') {
        throw conflict(
          'Inbjudan lämnas som en länk. Kopiera länken i stället.',
          'This invitation is handed over as a link. Copy the link instead.',
        );
      }
      const sent = await this.#invitations.sentSince(tx, invitation, now - HOUR_MS);
      if (sent >= RESENDS_PER_HOUR) throw refusal('rate-limited', { retryAfterSeconds: 3600 });
      await this.#invitations.notify(tx, [invitation], 'invitation', now, { asSeries: true });
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

  /** After the transaction: messages go out, and those who are in the meetings or wait for them hear of it. */
  async announce(meetingIds: readonly string[]): Promise<void> {
    this.#parts.wakeOutbox();
    for (const id of meetingIds) await this.#parts.context.meetings.changed(id);
  }
}

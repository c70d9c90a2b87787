import type { BookMeetingRequest, InviteeInput, MeetingView, PortalOverview } from '../../../shared/api.js';
import { query, request } from './request.js';

export interface MeetingChange {
  title?: string;
  startsAt?: string;
  durationMinutes?: number;
  message?: string;
  /** Added to those who are invited already. */
  invitees?: InviteeInput[];
  wholeSeries?: boolean;
}

export const getOverview = () => request<PortalOverview>('GET', '/api/portal/overview');

/** ISO 8601; left out: no limit. */
export async function getMeetings(from?: string, to?: string): Promise<MeetingView[]> {
  const path = `/api/portal/meetings${query({ from, to })}`;
  return (await request<{ meetings: MeetingView[] }>('GET', path)).meetings;
}

export async function bookMeeting(booking: BookMeetingRequest): Promise<MeetingView[]> {
  return (await request<{ meetings: MeetingView[] }>('POST', '/api/portal/meetings', booking)).meetings;
}

export const getMeeting = (id: string) => request<MeetingView>('GET', meetingPath(id));
export const changeMeeting = (id: string, change: MeetingChange) =>
  request<MeetingView>('PATCH', meetingPath(id), change);
export const cancelMeeting = (id: string, wholeSeries: boolean) =>
  request<object>('DELETE', meetingPath(id), { wholeSeries });
/** Takes the invitation back: the link is dead, and who came by it is out. */
export const revokeInvitation = (id: string, invitationId: string, wholeSeries: boolean) =>
  request<MeetingView>(
    'DELETE',
    `${meetingPath(id)}/invitations/${encodeURIComponent(invitationId)}`,
    wholeSeries ? { wholeSeries } : undefined,
  );
export const resendInvitation = (id: string, invitationId: string) =>
  request<object>('POST', `${meetingPath(id)}/invitations/${encodeURIComponent(invitationId)}/resend`, {});

function meetingPath(id: string): string {
  return `/api/portal/meetings/${encodeURIComponent(id)}`;
}

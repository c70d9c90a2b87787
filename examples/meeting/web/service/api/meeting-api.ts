import type {
  InvitationView,
  LobbyAction,
  LobbyView,
  ParticipantView,
  TicketView,
} from '../../../shared/api.js';
import { openEventStream, type StreamHandlers } from './event-stream.js';
import { request } from './request.js';

export const getInvitation = (token: string) =>
  request<InvitationView>('GET', `/api/invitations/${encodeURIComponent(token)}`);
export const claimInvitation = (token: string) =>
  request<ParticipantView>('POST', `/api/invitations/${encodeURIComponent(token)}/claim`, {});

export const getMe = (id: string) => request<ParticipantView>('GET', `${meetingPath(id)}/me`);
export const wait = (id: string) =>
  request<ParticipantView>('POST', `${meetingPath(id)}/me/wait`, { undisturbed: true });
export const leave = (id: string) => request<ParticipantView>('POST', `${meetingPath(id)}/me/leave`, {});
export const getTicket = (id: string) => request<TicketView>('POST', `${meetingPath(id)}/me/ticket`, {});
export async function getPayment(id: string): Promise<InvitationView['payment']> {
  return (await request<{ payment: InvitationView['payment'] }>('GET', `${meetingPath(id)}/me/payment`))
    .payment;
}
export const startPayment = (id: string) =>
  request<{ redirectUrl: string }>('POST', `${meetingPath(id)}/me/payment`, {});

export const lobbyAction = (id: string, action: LobbyAction, body: object) =>
  request<LobbyView>('POST', `${meetingPath(id)}/lobby/${action}`, body);

export const openMeetingEvents = (id: string, handlers: StreamHandlers) =>
  openEventStream(`${meetingPath(id)}/events`, ['me', 'lobby', 'ended'], handlers);

function meetingPath(id: string): string {
  return `/api/meetings/${encodeURIComponent(id)}`;
}

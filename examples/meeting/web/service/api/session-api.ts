import type {
  EidOrderView,
  EidProviderView,
  Language,
  SessionView,
  StartEidRequest,
} from '../../../shared/api.js';
import { query, request } from './request.js';

export const getSession = () => request<SessionView>('GET', '/api/session');
export const endSession = () => request<SessionView>('POST', '/api/session/end', {});
/** "I am still here": counts as activity, which looking at the session does not. */
export const stayInSession = () => request<SessionView>('POST', '/api/session/stay', {});
export const setSessionLanguage = (language: Language) =>
  request<SessionView>('POST', '/api/session/language', { language });

/** For whom: the portal's own people, or whoever holds an invitation. */
export type EidPurpose = { purpose: 'portal' } | { purpose: 'meeting'; invitation: string };

export async function getProviders(purpose: EidPurpose): Promise<EidProviderView[]> {
  const asked = purpose.purpose === 'portal' ? { purpose: 'portal' } : { invitation: purpose.invitation };
  return (await request<{ providers: EidProviderView[] }>('GET', `/api/eid/providers${query(asked)}`))
    .providers;
}

export const startOrder = (start: StartEidRequest) => request<EidOrderView>('POST', '/api/eid/orders', start);
export const getOrder = (id: string) => request<EidOrderView>('GET', orderPath(id));
export const answerCode = (id: string, code: string) =>
  request<EidOrderView>('POST', `${orderPath(id)}/code`, { code });
/** An app has opened this page. */
export const returnToOrder = (nonce: string) => request<EidOrderView>('POST', '/api/eid/returned', { nonce });
export const cancelOrder = (id: string) => request<object>('POST', `${orderPath(id)}/cancel`, {});

function orderPath(id: string): string {
  return `/api/eid/orders/${encodeURIComponent(id)}`;
}

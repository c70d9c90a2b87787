import type {
  ApiKeyView,
  AuditPage,
  AuditVerdictView,
  MeetingTypeView,
  OrganisationEntry,
  OrganisationView,
  OrganiserInput,
  OrganiserView,
  RegisterOrganisation,
  RoomPackage,
  RoomView,
} from '../../../shared/api.js';
import { query, request } from './request.js';

export const getOrganisation = () => request<OrganisationView>('GET', '/api/admin/organisation');
export const putOrganisation = (organisation: OrganisationView) =>
  request<OrganisationView>('PUT', '/api/admin/organisation', organisation);

export const getOrganisers = async () =>
  (await request<{ organisers: OrganiserView[] }>('GET', '/api/admin/organisers')).organisers;
export const addOrganiser = (organiser: OrganiserInput) =>
  request<OrganiserView>('POST', '/api/admin/organisers', organiser);
export const removeOrganiser = (id: string) =>
  request<object>('DELETE', `/api/admin/organisers/${encodeURIComponent(id)}`);

export const addRoom = (organiserId: string, name: string, capacity: RoomView['capacity']) =>
  request<RoomView>('POST', '/api/admin/rooms', { organiserId, name, capacity });
export const removeRoom = (id: string) =>
  request<object>('DELETE', `/api/admin/rooms/${encodeURIComponent(id)}`);

export const getMeetingTypes = async () =>
  (await request<{ meetingTypes: MeetingTypeView[] }>('GET', '/api/admin/meeting-types')).meetingTypes;
export const addMeetingType = (type: Omit<MeetingTypeView, 'id'>) =>
  request<MeetingTypeView>('POST', '/api/admin/meeting-types', type);
export const putMeetingType = ({ id, ...type }: MeetingTypeView) =>
  request<MeetingTypeView>('PUT', `/api/admin/meeting-types/${encodeURIComponent(id)}`, type);
export const removeMeetingType = (id: string) =>
  request<object>('DELETE', `/api/admin/meeting-types/${encodeURIComponent(id)}`);

export const getApiKeys = async () =>
  (await request<{ keys: ApiKeyView[] }>('GET', '/api/admin/api-keys')).keys;
export const addApiKey = (name: string) =>
  request<ApiKeyView & { key: string }>('POST', '/api/admin/api-keys', { name });
export const removeApiKey = (id: string) =>
  request<object>('DELETE', `/api/admin/api-keys/${encodeURIComponent(id)}`);

export interface AuditPeriod {
  /** ISO 8601; left out: open. */
  from?: string;
  to?: string;
  /** A meeting's id; left out or '': all. */
  meeting?: string;
}
export const getAudit = (period: AuditPeriod & { before?: string }) =>
  request<AuditPage>('GET', `/api/admin/audit${query({ ...period })}`);
/** Longer than an ordinary request may take. */
export const verifyAudit = () => request<AuditVerdictView>('POST', '/api/admin/audit/verify', {}, 120_000);
export const auditExportPath = (period: AuditPeriod) => `/api/admin/audit/export${query({ ...period })}`;
export const erasePerson = (personalNumber: string) =>
  request<{ erased: number }>('POST', '/api/admin/erase', { personalNumber });

export const getOrganisations = async () =>
  (await request<{ organisations: OrganisationEntry[] }>('GET', '/api/operator/organisations')).organisations;
export const registerOrganisation = (organisation: RegisterOrganisation) =>
  request<OrganisationEntry>('POST', '/api/operator/organisations', organisation);
export const changeOrganisation = (
  id: string,
  change: { name?: string; roomPackage?: RoomPackage; active?: boolean },
) => request<OrganisationEntry>('PATCH', `/api/operator/organisations/${encodeURIComponent(id)}`, change);

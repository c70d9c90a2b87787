import { empty, json, lines, type Call, type Route } from '../http/route.js';
import { id, integer, object } from '../http/shape.js';
import { PAGE_MAX, type AuditDesk, type AuditQuery } from './audit-desk.js';
import type { Administration } from './administration.js';
import {
  apiKeyInput,
  erasure,
  meetingTypeInput,
  organisationSettings,
  organiserInput,
  roomInput,
} from './parse-administration.js';
import { requireMember } from './portal-access.js';
import type { Agent, PortalParts } from './portal-parts.js';
import { periodOf } from './query.js';

const NDJSON = 'application/x-ndjson; charset=utf-8';

/** What an administrator does for their own organisation, and for no other. */
export function adminRoutes(parts: PortalParts, administration: Administration, audit: AuditDesk): Route[] {
  const { context } = parts;
  const administrator = (call: Call): Promise<Agent> => requireMember(context, call, 'administrator');
  return [
    {
      method: 'GET',
      pattern: '/api/admin/organisation',
      handler: async (call) => json(administration.organisation(await administrator(call))),
    },
    {
      method: 'PUT',
      pattern: '/api/admin/organisation',
      handler: async (call) => {
        const agent = await administrator(call);
        return json(await administration.configure(agent, await call.json(organisationSettings)));
      },
    },
    {
      method: 'GET',
      pattern: '/api/admin/organisers',
      handler: async (call) =>
        json({ organisers: await administration.organisers(await administrator(call)) }),
    },
    {
      method: 'POST',
      pattern: '/api/admin/organisers',
      handler: async (call) => {
        const agent = await administrator(call);
        const written = await call.json(organiserInput);
        return json(await administration.addOrganiser(agent, written), { status: 201 });
      },
    },
    {
      method: 'DELETE',
      pattern: '/api/admin/organisers/:id',
      handler: async (call) =>
        json(await administration.removeOrganiser(await administrator(call), call.params.id)),
    },
    {
      method: 'POST',
      pattern: '/api/admin/rooms',
      handler: async (call) => {
        const agent = await administrator(call);
        return json(await administration.addRoom(agent, await call.json(roomInput)), { status: 201 });
      },
    },
    {
      method: 'DELETE',
      pattern: '/api/admin/rooms/:id',
      handler: async (call) => {
        await administration.removeRoom(await administrator(call), call.params.id);
        return empty();
      },
    },
    {
      method: 'GET',
      pattern: '/api/admin/meeting-types',
      handler: async (call) =>
        json({ meetingTypes: await administration.meetingTypes(await administrator(call)) }),
    },
    {
      method: 'POST',
      pattern: '/api/admin/meeting-types',
      handler: async (call) => {
        const agent = await administrator(call);
        const input = await call.json(meetingTypeInput);
        return json(await administration.addMeetingType(agent, input), { status: 201 });
      },
    },
    {
      method: 'PUT',
      pattern: '/api/admin/meeting-types/:id',
      handler: async (call) => {
        const agent = await administrator(call);
        const input = await call.json(meetingTypeInput);
        return json(await administration.changeMeetingType(agent, call.params.id, input));
      },
    },
    {
      method: 'DELETE',
      pattern: '/api/admin/meeting-types/:id',
      handler: async (call) => {
        await administration.removeMeetingType(await administrator(call), call.params.id);
        return empty();
      },
    },
    {
      method: 'GET',
      pattern: '/api/admin/api-keys',
      handler: async (call) => json({ keys: await administration.apiKeys(await administrator(call)) }),
    },
    {
      method: 'POST',
      pattern: '/api/admin/api-keys',
      handler: async (call) => {
        const agent = await administrator(call);
        const { name } = await call.json(apiKeyInput);
        return json(await administration.addApiKey(agent, name), { status: 201 });
      },
    },
    {
      method: 'DELETE',
      pattern: '/api/admin/api-keys/:id',
      handler: async (call) => {
        await administration.removeApiKey(await administrator(call), call.params.id);
        return empty();
      },
    },
    {
      method: 'GET',
      pattern: '/api/admin/audit',
      handler: async (call) => {
        const { organisation } = await administrator(call);
        return json(await audit.page(organisation.id, auditQuery(call.query)));
      },
    },
    {
      method: 'POST',
      pattern: '/api/admin/audit/verify',
      handler: async (call) => {
        const { organisation } = await administrator(call);
        await call.json(object({}));
        return json(await audit.verify(organisation.id));
      },
    },
    {
      method: 'GET',
      pattern: '/api/admin/audit/export',
      handler: async (call) => {
        const agent = await administrator(call);
        const period = periodOf(call.query);
        await administration.noteExport(agent, 'audit.exported');
        const organisationId = agent.organisation.id;
        const { intact } = await audit.verify(organisationId);
        return lines(NDJSON, context.store.audit.export({ organisationId, ...period }), [
          ...download('audit.ndjson'),
          ['X-Audit-Intact', String(intact)],
        ]);
      },
    },
    {
      method: 'GET',
      pattern: '/api/admin/archive/export',
      handler: async (call) => {
        const agent = await administrator(call);
        const period = periodOf(call.query);
        await administration.noteExport(agent, 'archive.exported');
        const archive = context.store.exportArchive(agent.organisation.id, period);
        return lines(NDJSON, archive, download('archive.ndjson'));
      },
    },
    {
      method: 'POST',
      pattern: '/api/admin/erase',
      handler: async (call) => {
        const agent = await administrator(call);
        const { personalNumber } = await call.json(erasure);
        return json(await administration.erase(agent, personalNumber));
      },
    },
  ];
}

function auditQuery(query: URLSearchParams): AuditQuery {
  const number = (name: string, max: number): number | undefined => {
    const value = query.get(name) ?? '';
    return value === '' ? undefined : integer(1, max)(Number(value), name);
  };
  const meetingId = query.get('meeting') ?? '';
  return {
    ...periodOf(query),
    ...(meetingId === '' ? {} : { meetingId: id(meetingId, 'meeting') }),
    before: number('before', Number.MAX_SAFE_INTEGER),
    limit: number('limit', PAGE_MAX),
  };
}

function download(name: string): [name: string, value: string][] {
  return [['Content-Disposition', `attachment; filename="${name}"`]];
}

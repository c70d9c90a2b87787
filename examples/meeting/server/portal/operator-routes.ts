import { json, type Route } from '../http/route.js';
import type { Operation } from './operation.js';
import { organisationChange, organisationRegistration } from './parse-administration.js';
import { requireOperator } from './portal-access.js';
import type { PortalParts } from './portal-parts.js';

/** What those who run the service do. Nothing here shows a meeting. */
export function operatorRoutes({ context }: PortalParts, operation: Operation): Route[] {
  return [
    {
      method: 'GET',
      pattern: '/api/operator/organisations',
      handler: async (call) => {
        await requireOperator(context, call);
        return json({ organisations: await operation.organisations() });
      },
    },
    {
      method: 'POST',
      pattern: '/api/operator/organisations',
      handler: async (call) => {
        const { actor } = await requireOperator(context, call);
        const written = await call.json(organisationRegistration);
        return json(await operation.register(actor, written), { status: 201 });
      },
    },
    {
      method: 'PATCH',
      pattern: '/api/operator/organisations/:id',
      handler: async (call) => {
        const { actor } = await requireOperator(context, call);
        return json(await operation.change(actor, call.params.id, await call.json(organisationChange)));
      },
    },
  ];
}

/** Who may do what in the portal. Every route asks one of these first. */
import type { PortalRole } from '../../shared/api.js';
import { refusal } from '../http/refusal.js';
import type { Call } from '../http/route.js';
import type { ServiceContext } from '../service-context.js';
import type { OrganisationRecord, OrganiserRecord } from '../store/store.js';
import type { Agent } from './portal-parts.js';

/** Somebody with `role` in an organisation that is in use. */
export async function requireMember(
  context: ServiceContext,
  call: Call,
  role: Exclude<PortalRole, 'operator'>,
): Promise<Agent> {
  const { organiser, actor } = await context.sessions.requireRole(call, role);
  return { organisation: await activeOrganisation(context, organiser), organiser, actor };
}

/** Somebody who runs the service, with or without an organisation. */
export async function requireOperator(
  context: ServiceContext,
  call: Call,
): Promise<{ organiser: OrganiserRecord; actor: string }> {
  const { organiser, actor } = await context.sessions.requireRole(call, 'operator');
  return { organiser, actor };
}

export async function activeOrganisation(
  context: ServiceContext,
  organiser: OrganiserRecord,
): Promise<OrganisationRecord> {
  const { organisationId } = organiser;
  const organisation = organisationId === null ? null : await context.store.organisations.get(organisationId);
  if (organisation?.active === true) return organisation;
  throw refusal('forbidden', {
    localized: {
      sv: 'Din organisation använder inte tjänsten just nu. Kontakta den som driver tjänsten.',
      en: 'Your organisation does not use the service at present. Contact those who run the service.',
    },
  });
}

/** Those who may log in to the portal: shared by administrators, who know their own, and operators, who make the first. */
import { randomUUID } from 'node:crypto';
import type { Identities } from '../identities.js';
import { StoreError, type OrganiserRecord } from '../store/store.js';
import type { WrittenOrganiser } from './parse-administration.js';
import { conflict } from './refusals.js';

export function newOrganiser(
  identities: Identities,
  organisationId: string | null,
  written: WrittenOrganiser,
  now: number,
): OrganiserRecord {
  const { name, email, personalNumber, hsaId } = written;
  return {
    id: randomUUID(),
    organisationId,
    name,
    email,
    personalNumberHash:
      personalNumber === null ? null : identities.hash('personal-number-se', personalNumber),
    hsaIdHash: hsaId === null ? null : identities.hash('hsa-id', hsaId),
    roles: [...new Set(written.roles)],
    active: true,
    createdAt: now,
  };
}

/** Runs `work`; a login that somebody has already becomes a refusal that says so. */
export async function withUniqueLogin<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'duplicate') throw error;
    throw conflict(
      'Någon loggar redan in med den e-postadressen, det personnumret eller det HSA-id:t. Ta bort det kontot först.',
      'Somebody logs in with that e-mail address, personal number or HSA-ID already. Remove that account first.',
      'email',
    );
  }
}

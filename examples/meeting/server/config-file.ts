/**
 * CONFIG_FILE: what has more than one line. JSON; config.example.json shows all of it. Unknown keys are mistakes, so that a
 * misspelt one does not pass for a default.
 */
import type { SupportContact } from '../shared/api.js';
import { ConfigError } from './config-error.js';

export interface ServiceFile {
  /** The name that pages and mails show. */
  serviceName: string;
  /** Whom people reach when no organisation is known yet. */
  support: SupportContact;
  /**
   * The first person who may register organisations; made at the first start, when the service has nobody. Signs in with
   * an e-ID that proves the number, or with a code to the address when there is no number.
   */
  operator: { name: string; email: string; personalNumber: string | null; hsaId: string | null } | null;
  /** The service itself checks each provider's part when it makes it. */
  eid: Readonly<Record<string, unknown>>;
  /** Paths in the file are relative to here. */
  folder: string;
}

const NO_SUPPORT: SupportContact = { name: '', phone: '', email: '', hours: '' };

export const DEFAULT_SERVICE_FILE: ServiceFile = {
  serviceName: 'Sluss',
  support: NO_SUPPORT,
  operator: null,
  eid: {},
  folder: process.cwd(),
};

/** Throws a `ConfigError` that names the key. */
export function parseServiceFile(value: unknown, folder: string): ServiceFile {
  const root = record(value, 'the file');
  known(root, 'the file', ['serviceName', 'support', 'operator', 'eid']);
  return {
    serviceName: root.serviceName === undefined ? 'Sluss' : words(root.serviceName, 'serviceName'),
    support: root.support === undefined ? NO_SUPPORT : support(root.support),
    operator: root.operator === undefined ? null : operator(root.operator),
    eid: root.eid === undefined ? {} : record(root.eid, 'eid'),
    folder,
  };
}

function support(value: unknown): SupportContact {
  const source = record(value, 'support');
  known(source, 'support', ['name', 'phone', 'email', 'hours']);
  const part = (key: keyof SupportContact): string =>
    source[key] === undefined ? '' : words(source[key], `support.${key}`);
  return { name: part('name'), phone: part('phone'), email: part('email'), hours: part('hours') };
}

function operator(value: unknown): ServiceFile['operator'] {
  const source = record(value, 'operator');
  known(source, 'operator', ['name', 'email', 'personalNumber', 'hsaId']);
  const email = words(source.email, 'operator.email').trim().toLowerCase();
  if (!/^[^\s@<>]+@[^\s@<>]+$/.test(email)) fail('operator.email', 'an e-mail address');
  let personalNumber: string | null = null;
  if (source.personalNumber !== undefined) {
    personalNumber = words(source.personalNumber, 'operator.personalNumber').replace('-', '');
    if (!/^\d{12}$/.test(personalNumber)) fail('operator.personalNumber', 'a number of 12 digits');
  }
  return {
    name: words(source.name, 'operator.name').trim(),
    email,
    personalNumber,
    hsaId: source.hsaId === undefined ? null : words(source.hsaId, 'operator.hsaId').trim(),
  };
}

export function record(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(name, 'an object { ... }');
  return value as Record<string, unknown>;
}

export function known(
  source: Readonly<Record<string, unknown>>,
  name: string,
  keys: readonly string[],
): void {
  const unknown = Object.keys(source).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    throw new ConfigError(`CONFIG_FILE: "${unknown}" in ${name} is not known; known: ${keys.join(', ')}`);
  }
}

export function words(value: unknown, name: string): string {
  if (typeof value !== 'string' || value.trim() === '' || value.length > 1000) fail(name, 'a text');
  return value;
}

/** The value is not repeated: it may be secret. */
export function fail(name: string, expected: string): never {
  throw new ConfigError(`CONFIG_FILE: ${name} must be ${expected}`);
}

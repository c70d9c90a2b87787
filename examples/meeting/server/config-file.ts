/**
 * CONFIG_FILE: what has more than one line. JSON; config.example.json shows all of it. Unknown keys are mistakes, so that a
 * misspelt one does not pass for a default.
 */
import type { SupportContact } from '../shared/api.js';
import { ConfigPart, type ConfigSurroundings, ROOT } from './config-part.js';

export interface ServiceFile extends ConfigSurroundings {
  /** The name that pages and mails show. */
  readonly serviceName: string;
  /** Whom people reach when no organisation is known yet. */
  readonly support: SupportContact;
  /**
   * The first person who may register organisations; made at the first start, when the service has nobody. Signs in with
   * an e-ID that proves the number, or with a code to the address when there is no number.
   */
  readonly operator: {
    name: string;
    email: string;
    personalNumber: string | null;
    hsaId: string | null;
  } | null;
  /** See eid-providers.ts. */
  readonly eid: Readonly<Record<string, unknown>>;
}

const NO_SUPPORT: SupportContact = { name: '', phone: '', email: '', hours: '' };

export const DEFAULT_SERVICE_FILE: ServiceFile = {
  serviceName: 'Sluss',
  support: NO_SUPPORT,
  operator: null,
  eid: {},
  folder: process.cwd(),
  env: process.env,
};

/** Throws a `ConfigError` that names the key. `folder`: of the file; `env`: where the file may say that secrets are. */
export function parseServiceFile(
  value: unknown,
  folder: string,
  env: NodeJS.ProcessEnv = process.env,
): ServiceFile {
  const root = new ConfigPart(value, ROOT, ['serviceName', 'support', 'operator', 'eid'], { folder, env });
  return {
    serviceName: root.has('serviceName') ? root.text('serviceName') : 'Sluss',
    support: root.has('support') ? support(root) : NO_SUPPORT,
    operator: root.has('operator') ? operator(root) : null,
    eid: root.has('eid') ? root.map('eid', (part) => part as object, 'an object { ... }') : {},
    folder,
    env,
  };
}

function support(root: ConfigPart): SupportContact {
  const source = root.part('support', ['name', 'phone', 'email', 'hours']);
  const part = (key: keyof SupportContact): string => (source.has(key) ? source.text(key) : '');
  return { name: part('name'), phone: part('phone'), email: part('email'), hours: part('hours') };
}

function operator(root: ConfigPart): ServiceFile['operator'] {
  const source = root.part('operator', ['name', 'email', 'personalNumber', 'hsaId']);
  const email = source.text('email').trim().toLowerCase();
  if (!/^[^\s@<>]+@[^\s@<>]+$/.test(email)) source.fail('email', 'an e-mail address');
  const number = source.has('personalNumber') ? source.text('personalNumber').replace('-', '') : null;
  if (number !== null && !/^\d{12}$/.test(number)) source.fail('personalNumber', 'a number of 12 digits');
  return {
    name: source.text('name').trim(),
    email,
    personalNumber: number,
    hsaId: source.has('hsaId') ? source.text('hsaId').trim() : null,
  };
}

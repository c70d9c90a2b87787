/** docs/configuration.md names every setting that the service reads, and none that it does not. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import t from 'tap';
import { readConfig } from '../../examples/meeting/server/config.js';
import { DEFAULT_SERVICE_FILE, parseServiceFile } from '../../examples/meeting/server/config-file.js';
import { configuredProviders } from '../../examples/meeting/server/eid-providers.js';
import { codes, readDocument, ROOT, section, tableRows } from './markdown.js';

const page = readDocument('docs/configuration.md');

function firstColumn(heading: string): string[] {
  return tableRows(section(page, heading)).map(([cell]) => codes(cell)[0]);
}

/** Names that a source reads from the environment. */
function variablesIn(source: string): string[] {
  const direct = [...source.matchAll(/\benv\.([A-Z][A-Z0-9_]*)/g)].map(([, name]) => name);
  const passed = [...source.matchAll(/\b(\w+)\(\s*env,\s*'([A-Z][A-Z0-9_]*)'/g)].flatMap(
    ([, reader, name]) => (reader === 'textOrFile' ? [name, `${name}_FILE`] : [name]),
  );
  const unpacked = [...source.matchAll(/\{([^{}]*)\}\s*=\s*(?:process\.)?env;/g)].flatMap(([, names]) =>
    [...names.matchAll(/\b([A-Z][A-Z0-9_]*)\b/g)].map(([, name]) => name),
  );
  return [...direct, ...passed, ...unpacked];
}

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.includes('node_modules'),
    )
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
}

function refusalOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

/** The keys that a reader says it knows when it is given another. */
function knownKeys(read: () => unknown): string[] {
  const message = refusalOf(read);
  const list = /; known: (.*)$/.exec(message)?.[1];
  if (list === undefined) throw new Error(`an unknown key was not what was refused: ${message}`);
  return list.split(', ');
}

t.test('environment: what the code reads is what the page names', async (t) => {
  const files = [...sources('examples/meeting/server'), ...sources('src')];
  files.push(readFileSync(join(ROOT, 'examples/meeting/server.ts'), 'utf8'));
  const inCode = new Set(files.flatMap(variablesIn));

  const asked = new Set<string>();
  const watched = new Proxy<NodeJS.ProcessEnv>(
    {},
    { get: (_, name) => void (typeof name === 'string' && asked.add(name)) },
  );
  readConfig(watched);
  for (const name of asked)
    t.ok(inCode.has(name), `${name}, which readConfig asks for, was found in its source`);

  const inPage = firstColumn('Environment');
  t.strictSame([...inPage].sort(), [...inCode].sort());
  t.equal(new Set(inPage).size, inPage.length, 'each once');
});

t.test('the file: every key that the readers know', async (t) => {
  const keys = knownKeys(() => parseServiceFile({ zzz: 1 }, '.'));
  t.strictSame(
    tableRows(section(page, 'The file').split('### ')[0]).map(([cell]) => codes(cell)[0]),
    keys,
  );
  const named = new Set(codes(section(page, 'The file')));
  for (const part of ['support', 'operator']) {
    for (const key of knownKeys(() => parseServiceFile({ [part]: { zzz: 1 } }, '.'))) {
      t.ok(named.has(key), `${part}.${key}`);
    }
  }
});

t.test('the file: every key of every e-ID', async (t) => {
  const log = pino({ level: 'silent' });
  const make = (eid: Record<string, unknown>) =>
    configuredProviders({ ...DEFAULT_SERVICE_FILE, eid }, Date.now, log);
  const text = section(page, 'E-IDs');
  for (const name of knownKeys(() => make({ zzz: {} }))) {
    const keys = knownKeys(() => make({ [name]: { zzz: 1 } }));
    const begin = text.indexOf(`\`eid.${name}\``);
    t.ok(begin >= 0, `eid.${name}`);
    const end = text.indexOf('\n`eid.', begin);
    const rows = tableRows(text.slice(begin, end < 0 ? undefined : end));
    t.strictSame(rows.map(([cell]) => codes(cell)[0]).sort(), [...keys].sort(), `eid.${name}`);
  }

  const row = (key: string): string =>
    tableRows(text)
      .findLast(([cell]) => codes(cell)[0] === key)!
      .join(' ');
  const one = { profile: 'SITHS', id: 'siths', issuer: 'https://idp.example', clientId: 'x' };
  for (const key of ['clientAuthentication', 'label', 'subject']) {
    const named = codes(row(key));
    for (const inner of knownKeys(() => make({ oidc: { ...one, [key]: { zzz: 1 } } }))) {
      t.ok(named.includes(inner), `eid.oidc.${key}.${inner}`);
    }
  }
  for (const [key, value] of [
    ['profile', { ...one, profile: 'zzz' }],
    ['clientAuthentication', { ...one, clientAuthentication: { method: 'zzz' } }],
    ['subject', { ...one, subject: { claim: 'x', type: 'zzz' } }],
  ] as const) {
    const choices = refusalOf(() => make({ oidc: value })).match(/"[\w-]+"/g) ?? [];
    t.ok(choices.length > 1, key);
    for (const choice of choices) t.ok(codes(row(key)).includes(choice.slice(1, -1)), `${key}: ${choice}`);
  }
});

t.test('the example file and the example environment are taken by the real readers', async (t) => {
  const { file } = readConfig({ CONFIG_FILE: join(ROOT, 'examples/meeting/config.example.json') });
  t.match(file, { serviceName: /./, support: { name: /./ }, operator: { email: /@/ } });

  const lines = readFileSync(join(ROOT, 'docs/deploy/service.env'), 'utf8').split('\n');
  const inPage = new Set(firstColumn('Environment'));
  for (const [, name] of lines.join('\n').matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)) t.ok(inPage.has(name), name);
  const env = Object.fromEntries(
    lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split(/=(.*)/s).slice(0, 2)),
  ) as NodeJS.ProcessEnv;
  const folder = t.testdir({ secret: 's'.repeat(64), 'service.json': '{"serviceName":"Digitala möten"}' });
  const here = { SECRET_FILE: join(folder, 'secret'), CONFIG_FILE: join(folder, 'service.json') };
  const config = readConfig({ ...env, ...here, NODE_ENV: 'production' });
  t.match(config, {
    production: true,
    publicUrl: 'https://meet.example.se',
    trustedProxies: ['127.0.0.1'],
    smtp: { from: /@/ },
    metricsToken: undefined,
  });
});

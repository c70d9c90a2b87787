/**
 * The Dockerfile, followed as far as that goes without a container engine: what it copies exists, what it starts was built,
 * the packages that it keeps are those that are imported; and its command, health check and stop signal work as written.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { isBuiltin } from 'node:module';
import { basename, join } from 'node:path';
import t from 'tap';
import { copies, environment, isIgnored, jsonForm, readDockerfile, type Stage } from './dockerfile.js';
import { ROOT } from './markdown.js';

const stages = readDockerfile(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'));
const [build, final] = stages;
const ignoreRules = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

t.test('two stages on the same image; the last one is not root and says how it is stopped', async (t) => {
  t.strictSame(
    stages.map(({ image, name }) => [image, name]),
    [
      ['node:20-slim', 'build'],
      ['node:20-slim', null],
    ],
  );
  const said = (name: string) => final.instructions.findLast((one) => one.name === name)?.rest;
  t.equal(said('USER'), 'node');
  t.equal(said('STOPSIGNAL'), 'SIGTERM');
  t.equal(said('VOLUME'), environment(final).DATA_DIR);
  t.equal(said('EXPOSE'), `${environment(final).PORT}/tcp ${environment(final).RTC_PORT}/udp`);
});

t.test('what the build copies is in the context, and secrets and data are not', async (t) => {
  for (const { from, sources } of copies(build)) {
    t.equal(from, null);
    for (const source of sources) {
      t.ok(existsSync(join(ROOT, source)), source);
      t.notOk(isIgnored(ignoreRules, source), source);
    }
  }
  for (const path of ['src/index.ts', 'examples/meeting/server.ts', 'scripts/build.mjs', '.npmrc']) {
    t.notOk(isIgnored(ignoreRules, path), path);
  }
  for (const path of [
    '.git/config',
    '.env',
    'data/meeting.sqlite',
    'examples/meeting/data/secret',
    'examples/meeting/dist/server.js',
    'examples/meeting/tls/key.pem',
    'src/bankid.p12',
    'node_modules/ws/index.js',
    'docs/deploy.md',
    'docs/deploy/service.env',
  ]) {
    t.ok(isIgnored(ignoreRules, path), path);
  }
});

t.test('every script that the build runs is there', async (t) => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const commands = build.instructions
    .filter(({ name }) => name === 'RUN')
    .flatMap(({ rest }) => rest.split(' && '));
  for (const command of commands) {
    const [program, first, second] = command.trim().split(' ');
    if (program === 'node') t.ok(existsSync(join(ROOT, first)), first);
    else if (program === 'npm' && first === 'run') t.ok(scripts[second], second);
    else t.ok(['npm', 'rm'].includes(program), command);
  }
});

t.test('the packages that are kept are all that the service and the library import', async (t) => {
  const printed = execFileSync(process.execPath, [join(ROOT, 'docs/deploy/service-packages.mjs')], {
    encoding: 'utf8',
  });
  const kept = new Set(printed.split('\n').map((line) => line.replace(/(?<=.)@.*$/, '')));
  const files = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
      .map((entry) => join(entry.parentPath, entry.name));
  const server = join(ROOT, 'examples/meeting/dist/server.js');
  for (const file of [server, ...files(join(ROOT, 'dist'))]) {
    const source = readFileSync(file, 'utf8');
    const specifiers = [...source.matchAll(/^(?:import|(?:import|export|\}).* from) ['"]([^'"\n]+)['"];$/gm)];
    for (const [, specifier] of specifiers) {
      if (specifier.startsWith('.') || isBuiltin(specifier)) continue;
      const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
      if (name !== 'sluss' && !kept.has(name)) t.fail(`${name} is imported and not kept`);
    }
  }
  for (const name of ['kysely', 'node-sqlite3-wasm', 'pg', 'nodemailer', 'pino']) t.ok(kept.has(name), name);
  for (const name of ['typescript', 'tap', 'playwright-core', 'preact']) t.notOk(kept.has(name), name);
});

t.test('started as the image would: healthy by its own check, and gone at SIGTERM', async (t) => {
  const folder = t.testdir({ data: {}, app: {} });
  const app = join(folder, 'app');
  layOut(final, app);
  const [port, media] = [await freePort(), '0'];
  const env = {
    ...environment(final),
    PATH: process.env.PATH,
    HOST: '127.0.0.1',
    PORT: String(port),
    RTC_PORT: media,
    DATA_DIR: join(folder, 'data'),
    PUBLIC_URL: 'https://meet.example.se',
    SECRET: 's'.repeat(64),
    SMTP_URL: 'smtp://127.0.0.1:9',
    MAIL_FROM: 'meet@example.se',
    SETUP_OPERATOR_EMAIL: 'eva.ek@example.se',
  };
  t.equal(environment(final).NODE_ENV, 'production');
  const [program, ...args] = jsonForm(final, 'CMD');
  t.equal(program, 'node');
  const service = spawn(process.execPath, args, { cwd: app, env, stdio: ['ignore', 'pipe', 'pipe'] });
  t.teardown(() => service.kill('SIGKILL'));
  let said = '';
  service.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  const ended = new Promise<number | null>((resolve) => service.once('exit', (code) => resolve(code)));
  await new Promise<void>((resolve, reject) => {
    let printed = '';
    service.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
      if (/^The meeting service is at /m.test(printed)) resolve();
    });
    void ended.then((code) => reject(new Error(`ended with ${code}: ${said}`)));
  });

  const [checker, ...check] = jsonForm(final, 'HEALTHCHECK');
  t.equal(checker, 'node');
  const healthy = (PORT: string): Promise<boolean> =>
    new Promise((resolve) => {
      execFile(process.execPath, check, { env: { ...env, PORT } }, (error) => resolve(error === null));
    });
  t.equal(await healthy(String(port)), true);
  t.equal(await healthy(String(await freePort())), false, 'where nobody answers');
  t.ok(existsSync(join(env.DATA_DIR, 'meeting.sqlite')), 'the database is in the volume');
  t.strictSame(
    readdirSync(app).sort(),
    ['dist', 'examples', 'node_modules', 'package.json'],
    'nothing is written beside it',
  );
  service.kill('SIGTERM');
  t.equal(await ended, 0, said);
  t.strictSame(readdirSync(env.DATA_DIR), ['meeting.sqlite'], 'one file, closed in order');
});

/** What the stage copies, from where the build puts it. */
function layOut(stage: Stage, target: string): void {
  for (const { from, sources, target: place } of copies(stage)) {
    if (from !== 'build') throw new Error(`COPY from ${from ?? 'the context'} is not expected here`);
    for (const source of sources) {
      const path = source.replace('/app/', '');
      const built = join(ROOT, path);
      const to = join(target, place.endsWith('/') ? join(place, basename(path)) : place);
      mkdirSync(join(to, '..'), { recursive: true });
      if (path === 'node_modules') symlinkSync(built, to);
      else cpSync(built, to, { recursive: statSync(built).isDirectory() });
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

/** docs/deploy/service.env and service.json as they stand: the service starts in production, and its first operator gets in. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { EidOrderView, SessionView } from '../../examples/meeting/shared/api.js';
import { type Answer, Browser } from '../service/meetings/test-service.js';
import { MailServer } from '../service/notify/mail-server.js';
import { startServer } from '../service/running-service.js';
import { temporaryFolder } from '../service/store/temporary-folder.js';
import { ROOT } from './markdown.js';
import { freePorts } from './proxy-servers.js';

const deploy = (name: string): string => readFileSync(join(ROOT, 'docs/deploy', name), 'utf8');

/** What the proxy on this machine passes on. */
class Proxied extends Browser {
  constructor(
    service: string,
    private readonly origin: string,
  ) {
    super(service);
  }

  override send<T = unknown>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const proxied = { 'x-forwarded-for': '198.51.100.77', 'x-forwarded-proto': 'https' };
    return super.send<T>(method, path, body, { origin: this.origin, ...proxied });
  }
}

t.test('from the installed files to the page on which organisations are registered', async (t) => {
  const mails = await MailServer.start(t);
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'secret'), randomBytes(36).toString('base64'));
  writeFileSync(join(folder, 'service.json'), deploy('service.json'));
  const lines = deploy('service.env')
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line));
  const file = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2))) as Record<
    string,
    string
  >;
  const dataDir = join(folder, 'data');
  const [port] = await freePorts(1);
  const service = await startServer(t, join(ROOT, 'examples/meeting/dist/server.js'), dataDir, {
    ...file,
    NODE_ENV: 'production',
    SECRET_FILE: join(folder, 'secret'),
    CONFIG_FILE: join(folder, 'service.json'),
    BACKUP_DIR: join(dataDir, 'backups'),
    SMTP_URL: mails.url,
    PORT: String(port),
    RTC_PORT: '0',
    LOG_LEVEL: 'error',
  });
  t.equal(service.url, file.PUBLIC_URL);

  const direct = `http://127.0.0.1:${port}`;
  const eva = new Proxied(direct, file.PUBLIC_URL);
  const order = await eva.expect<EidOrderView>('POST', '/api/eid/orders', {
    provider: 'otp',
    purpose: 'portal',
    sameDevice: false,
    returnPath: '/operator',
    email: file.SETUP_OPERATOR_EMAIL,
  });
  const [{ mail, to }] = await mails.received(1);
  t.strictSame(to, [file.SETUP_OPERATOR_EMAIL]);
  const code = /\b\d{6}\b/.exec(mail.text ?? '')![0];
  await eva.expect('POST', `/api/eid/orders/${order.id}/code`, { code });
  t.match(await eva.expect<SessionView>('GET', '/api/session'), {
    roles: ['operator'],
    isTestService: false,
  });
  t.match(await eva.expect('GET', '/api/operator/organisations'), { organisations: [] });

  service.process.kill('SIGTERM');
  await new Promise((resolve) => service.process.once('exit', resolve));
  t.strictSame(readdirSync(dataDir), ['meeting.sqlite']);
  t.equal(statSync(join(dataDir, 'meeting.sqlite')).mode & 0o777, 0o600);
  t.notOk(existsSync(join(dataDir, 'secret')), 'the secret is where the file says');
});

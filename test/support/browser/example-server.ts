import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { ServiceDesk } from './service-visit.js';

/** An example's server as its own process on a free port, killed when the test ends; what it stored goes with it. */
export class ExampleServer {
  #child: ChildProcess | null = null;
  #output = '';
  #url = '';
  #desk: ServiceDesk | null = null;

  private constructor(
    private readonly script: string,
    private readonly dataDir: string,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  /** `name` is the example's folder; it must have been built. `settings`: of its environment. */
  static async start(
    t: Test,
    name: 'meeting' | 'minimal',
    settings: Readonly<Record<string, string>> = {},
  ): Promise<ExampleServer> {
    const script = fileURLToPath(new URL(`../../../examples/${name}/dist/server.js`, import.meta.url));
    if (!existsSync(script)) throw new Error(`${script} is not there: run "npm run build" first`);
    const dataDir = mkdtempSync(join(tmpdir(), `${name}-`));
    const server = new ExampleServer(script, dataDir, settings);
    t.teardown(async () => {
      await server.kill();
      rmSync(dataDir, { recursive: true });
    });
    await server.#spawn(String(await freePort()));
    return server;
  }

  /** The page's address, ending in a slash. */
  get url(): string {
    return this.#url;
  }

  /** Of the meeting service: where its people come from. */
  get desk(): ServiceDesk {
    return (this.#desk ??= new ServiceDesk(this.#url));
  }

  /** What it wrote so far, both streams. */
  get output(): string {
    return this.#output;
  }

  /** SIGKILL: no time to say goodbye to anyone. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  /** Starts it again on the port it had, with what it had stored. */
  async restart(): Promise<void> {
    await this.#spawn(new URL(this.#url).port);
  }

  async #spawn(port: string): Promise<void> {
    const child = spawn(process.execPath, [this.script], {
      env: {
        ...process.env,
        ...{ PORT: port, RTC_PORT: '0', LOG_LEVEL: 'warn' },
        ...{ DATA_DIR: this.dataDir, TRUSTED_PROXIES: '127.0.0.1' },
        ...this.settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#output = '';
    this.#url = await new Promise<string>((resolve, reject) => {
      const take = (chunk: Buffer): void => {
        this.#output += chunk.toString();
        const url = /http:\/\/\S+\//.exec(this.#output)?.[0];
        if (url !== undefined) resolve(url);
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      child.once('exit', (code) =>
        reject(new Error(`the server ended with ${code} and said:\n${this.#output}`)),
      );
    });
  }
}

/**
 * A port below those that the system gives to outgoing connections: after a crash nobody else takes it meanwhile. Not 0,
 * because a listener on port 0 lacks SO_REUSEADDR, and its lingering connections would block the restart.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const probe = createServer().listen(port, '127.0.0.1');
    const free = await once(probe, 'listening').then(
      () => true,
      () => false,
    );
    probe.close();
    if (free) return port;
  }
}

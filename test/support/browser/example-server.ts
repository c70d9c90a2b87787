import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';

/** An example's server as its own process on a free port, killed when the test ends. */
export class ExampleServer {
  #child: ChildProcess | null = null;
  #output = '';
  #url = '';

  private constructor(private readonly script: string) {}

  /** `name` is the example's folder; it must have been built. */
  static async start(t: Test, name: 'meeting' | 'minimal'): Promise<ExampleServer> {
    const script = fileURLToPath(new URL(`../../../examples/${name}/dist/server.js`, import.meta.url));
    if (!existsSync(script)) throw new Error(`${script} is not there: run "npm run build" first`);
    const server = new ExampleServer(script);
    t.teardown(() => server.kill());
    await server.#spawn(String(await freePort()));
    return server;
  }

  /** The page's address, ending in a slash. */
  get url(): string {
    return this.#url;
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

  /** Starts it again on the port it had. */
  async restart(): Promise<void> {
    await this.#spawn(new URL(this.#url).port);
  }

  async #spawn(port: string): Promise<void> {
    const child = spawn(process.execPath, [this.script], {
      env: { ...process.env, PORT: port, RTC_PORT: '0', LOG_LEVEL: 'warn' },
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

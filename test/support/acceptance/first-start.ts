/** The built server as `npm start` runs it, in an empty folder and with nothing configured but free ports. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';

const SERVER = fileURLToPath(new URL('../../../examples/meeting/dist/server.js', import.meta.url));

export class FirstStart {
  private constructor(
    private readonly child: ChildProcess,
    /** Where it was started. */
    readonly folder: string,
    /** Without a slash at the end. */
    readonly url: string,
    /** Of both streams, so far. */
    readonly output: () => string,
  ) {}

  static async start(t: Test): Promise<FirstStart> {
    if (!existsSync(SERVER)) throw new Error(`${SERVER} is not there: run "npm run build" first`);
    const folder = mkdtempSync(join(tmpdir(), 'first-start-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const child = spawn(process.execPath, [SERVER], {
      cwd: folder,
      env: { PATH: process.env.PATH, PORT: '0', RTC_PORT: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    t.teardown(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    });
    let output = '';
    const url = await new Promise<string>((resolve, reject) => {
      const take = (chunk: Buffer): void => {
        output += chunk.toString();
        const found = /The meeting service is at (http:\/\/\S+)\//.exec(output);
        if (found) resolve(found[1]);
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      child.once('exit', (code) => reject(new Error(`the server ended with ${code} and said:\n${output}`)));
    });
    return new FirstStart(child, folder, url, () => output);
  }

  /** As Ctrl+C does. Resolves with the exit code. */
  async stop(): Promise<number | null> {
    const exit = once(this.child, 'exit');
    this.child.kill('SIGINT');
    const [code] = (await exit) as [number | null];
    return code;
  }
}

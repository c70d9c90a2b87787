/** The service as it is started: a process of its own, on a folder of its own, that may be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Test } from 'tap';

/** The server as one file beside a page, as the build makes it; its path. */
export async function buildServer(t: Test): Promise<string> {
  const folder = t.testdir({ web: { 'index.html': '<!doctype html><title>Sluss</title>' } });
  const outfile = join(folder, 'server.js');
  await build({
    entryPoints: [fileURLToPath(new URL('../../examples/meeting/server.ts', import.meta.url))],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
  return outfile;
}

/** In the service: it ends with the process that started it, also when that one was killed and can tell nobody. */
const ENDS_WITH_STARTER = `import { isMainThread } from 'node:worker_threads';
if (isMainThread) process.stdin.on('close', () => process.kill(process.pid, 'SIGKILL')).resume().unref();`;

export interface RunningService {
  process: ChildProcess;
  url: string;
  signalling: string;
  /** At once, in whatever it does. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** Resolves when it listens. `node`: the program that runs it. */
export async function startServer(
  t: Test,
  file: string,
  dataDir: string,
  env: Record<string, string> = {},
  node = process.execPath,
): Promise<RunningService> {
  const first = `data:text/javascript,${encodeURIComponent(ENDS_WITH_STARTER)}`;
  const child = spawn(node, ['--import', first, file], {
    env: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: '0',
      RTC_PORT: '0',
      LOG_LEVEL: 'error',
      DATA_DIR: dataDir,
      ...env,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const gone = once(child, 'close');
  t.teardown(() => {
    child.kill('SIGKILL');
  });
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const found = /The meeting service is at (\S+)\/\n/.exec(said);
      if (found) resolve(found[1]);
    });
    void gone.then(() => reject(new Error(`the service ended by itself: ${said}`)));
  });
  return {
    process: child,
    url,
    signalling: `${url.replace(/^http/, 'ws')}/signalling`,
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

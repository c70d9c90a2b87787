// @ts-check
/**
 * The traffic runs with a young generation of 1 MB. With Node's usual 16 MB, one collection of what authenticates and decrypts
 * the samples takes 8 to 12 ms, once a second, and that is in every server's p99; with 1 MB it takes 1 ms.
 * The size is read when the process starts, so the tool starts itself again.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const FLAG = '--max-semi-space-size=1';

export function hasShortCollections() {
  return process.execArgv.includes(FLAG);
}

/** @returns {Promise<number>} exit code */
export async function runAgainWithShortCollections() {
  const args = [FLAG, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  // A terminal tells the whole group of Ctrl-C, so the child ends by itself; others tell this process only.
  const stop = () => child.kill('SIGTERM');
  process.on('SIGTERM', stop);
  process.on('SIGINT', () => {});
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

/** libsrtp, the C library of most other servers, compiled on the spot: the measure of what protection may cost. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const source = new URL('./protect.c', import.meta.url).pathname;

/** @returns nanoseconds per packet, undefined when it cannot be compiled here, which is said */
export async function measureLibsrtp(size, seconds) {
  const folder = await mkdtemp(join(tmpdir(), 'sluss-libsrtp-'));
  try {
    const program = join(folder, 'protect');
    await run('cc', ['-O2', '-o', program, source, '-lsrtp2']);
    const { stdout } = await run(program, [String(size), String(seconds)]);
    return Number(stdout);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.cmd?.startsWith('cc') !== true) throw error;
    console.error(`libsrtp ${size} bytes: skipped, a C compiler and libsrtp2-dev are needed`);
    return undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** libsrtp, the C library of most other servers, compiled on the spot: the measure of what protection may cost. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const source = new URL('./protect.c', import.meta.url).pathname;
const COMPILER = process.env.CC ?? 'cc';

export class Libsrtp {
  #folder;
  #program;

  /** @returns undefined when it cannot be compiled here, which is said */
  static async compile() {
    const folder = await mkdtemp(join(tmpdir(), 'sluss-libsrtp-'));
    const program = join(folder, 'protect');
    try {
      await run(COMPILER, ['-O2', '-o', program, source, '-lsrtp2']);
      return new Libsrtp(folder, program);
    } catch {
      await rm(folder, { recursive: true, force: true });
      console.error(
        'Left out libsrtp: it does not compile here. To have it: apt-get install gcc libsrtp2-dev.',
      );
      return undefined;
    }
  }

  constructor(folder, program) {
    this.#folder = folder;
    this.#program = program;
  }

  /** @returns nanoseconds per packet; undefined when this build of the library lacks the suite */
  async measure(suite, size, seconds) {
    const { stdout } = await run(this.#program, [suite, String(size), String(seconds)]);
    return stdout === '' ? undefined : Number(stdout);
  }

  async version() {
    return (await run(this.#program, ['version'])).stdout.trim();
  }

  close() {
    return rm(this.#folder, { recursive: true, force: true });
  }
}

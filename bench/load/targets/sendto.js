// @ts-check
/** Plain C `sendto` to every receiver, as many bytes as SRTP has and no work on them: what the system call alone costs. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const COMPILER = process.env.CC ?? 'cc';
/** The tag of AES_CM_128_HMAC_SHA1_80. */
const TAG_LENGTH = 10;

export const methods = ['plainProducer', 'plainReceivers'];

export function availability() {
  try {
    const text = execFileSync(COMPILER, ['--version'], { encoding: 'utf8', stdio: 'pipe' });
    return { available: true, version: `C sendto, ${text.split('\n')[0]}` };
  } catch {
    return {
      available: false,
      reason: `no C compiler '${COMPILER}'`,
      install: 'apt-get install gcc, or set CC',
    };
  }
}

export function createTarget() {
  return new SendtoTarget();
}

class SendtoTarget {
  async start() {
    this.folder = mkdtempSync(join(tmpdir(), 'sendto-'));
    this.binary = join(this.folder, 'sendto');
    const source = fileURLToPath(new URL('./sendto.c', import.meta.url));
    execFileSync(COMPILER, ['-O2', '-Wall', '-o', this.binary, source]);
    return { pids: [process.pid], version: availability().version };
  }

  createRoom() {
    return 0;
  }

  /** Its port is known once the receivers are. */
  plainProducer() {
    return { producerId: 'all', port: 0 };
  }

  /** @param {{ receivers: { port: number }[] }} options */
  async plainReceivers({ receivers }) {
    const ports = receivers.map(({ port }) => String(port));
    this.child = spawn(/** @type {string} */ (this.binary), [String(TAG_LENGTH), ...ports], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.lines = createInterface(this.child.stdout)[Symbol.asyncIterator]();
    this.port = Number((await this.lines.next()).value);
    return { keys: [], port: this.port, pids: [this.child.pid] };
  }

  async counters() {
    this.child?.stdin.write('\n');
    const [packets, failed] = String((await this.lines?.next())?.value)
      .split(' ')
      .map(Number);
    return { packets, at: performance.now(), drops: failed ? { failed } : {} };
  }

  async close() {
    if (this.child) {
      this.child.kill();
      await once(this.child, 'exit');
    }
    if (this.folder) rmSync(this.folder, { recursive: true, force: true });
  }
}

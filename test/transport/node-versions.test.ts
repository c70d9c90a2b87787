/**
 * The UDP port stands on Node's internals where it can: so the same script runs on each Node line that is supported, both
 * ways. scripts/ensure-nodes.mjs puts them where this looks.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';

/** Two ports exchange single datagrams, then a batch that is larger than what its slots hold at a time. */
const script = `
import { PacketBatch } from '#src/srtp/packet-batch.js';
import { flushBatch } from '#src/transport/flush-batch.js';
import { UdpPort } from '#src/transport/udp-port.js';

const results = [];
for (const ip of ['127.0.0.1', '::1']) {
  const a = await UdpPort.bind({ ip });
  const b = await UdpPort.bind({ ip });
  const arrivals = [];
  let expected = 1;
  let all;
  b.onDatagram = (bytes, length, remote) => {
    arrivals.push([bytes[0], length, remote.port === a.port && bytes.every((byte) => byte === bytes[0])]);
    if (arrivals.length === expected) all();
  };
  const remote = a.intern(ip, b.port);
  await new Promise((resolve) => { all = resolve; a.send(new Uint8Array([9, 7, 7, 9]), 1, 2, remote); });

  const batch = new PacketBatch(16);
  expected += 40;
  await new Promise((resolve) => {
    all = resolve;
    for (let i = 0; i < 40; i++) {
      if (batch.acquire() < 0) flushBatch(batch);
      const offset = batch.acquire();
      batch.bytes.fill(i, offset, offset + 100 + i);
      batch.commit(100 + i, null, remote);
    }
    flushBatch(batch);
  });
  a.send(new Uint8Array(65_535), 0, 65_535, remote);
  await new Promise(setImmediate);
  const { sendPath, sendErrors } = a.getStats();
  await Promise.all([a.close(), b.close()]);
  results.push({ sendPath, sendErrors, arrivals });
}
console.log(JSON.stringify({ version: process.version, results }));
`;

const cache = fileURLToPath(new URL('../../node_modules/.cache/sluss/', import.meta.url));

function binaryOf(name: string): string | null {
  const platform = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const path = join(cache, name, 'node_modules', platform, 'bin', 'node');
  return existsSync(path) ? path : null;
}

const binaries = new Map([[process.version.split('.')[0], process.execPath]]);
for (const major of ['22', '24']) {
  const path = binaryOf(`node-${major}`);
  if (path === null) t.comment(`node-${major} is not installed: node scripts/ensure-nodes.mjs`);
  else binaries.set(`v${major}`, path);
}

for (const [major, path] of binaries) {
  for (const sendPath of ['handle', 'dgram']) {
    for (const flags of [[], ['--test-udp-no-try-send']]) {
      t.test([`Node ${major}, ${sendPath}`, ...flags].join(', '), async (t) => {
        const env = { PATH: process.env.PATH, ...(sendPath === 'dgram' && { SLUSS_UDP: 'dgram' }) };
        const args = [...flags, '--input-type=module', '--eval', script];
        const { stdout, stderr } = await promisify(execFile)(path, args, { env });
        t.equal(stderr, '', 'no warning');
        const { version, results } = JSON.parse(stdout) as { version: string; results: unknown[] };
        t.equal(version.split('.')[0], major);
        const arrivals = [[7, 2, true], ...Array.from({ length: 40 }, (_, i) => [i, 100 + i, true])];
        const expected = { sendPath, sendErrors: { EMSGSIZE: 1 }, arrivals };
        t.same(results, [expected, expected]);
      });
    }
  }
}

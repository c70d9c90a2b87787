/** Each benchmark runs and prints figures; how large they are is no test's business. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';

const run = promisify(execFile);

for (const bench of ['router/fan-out.js', 'srtp/protect.js']) {
  t.test(bench, async (t) => {
    const path = new URL(`../../bench/${bench}`, import.meta.url).pathname;
    const { stdout } = await run(process.execPath, [path, '--seconds', '0.02'], {
      env: { PATH: process.env.PATH },
    });
    const lines = stdout.trim().split('\n');
    t.ok(lines.length >= 4, `${lines.length} lines`);
    for (const line of lines) t.match(line, /\d+ ns per (forwarded )?packet$/);
  });
}

// @ts-check
/**
 * Profiles the fan-out with clinic: `npm run profile:doctor` (or flame, bubbleprof, heapprofiler), then open the page
 * that it names. `npm run profile:flame -- 20 200 600` profiles 20 s of 200 receivers at 600 packets per second.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const TOOLS = ['doctor', 'flame', 'bubbleprof', 'heapprofiler'];
const [tool, ...args] = process.argv.slice(2);
if (!TOOLS.includes(tool)) {
  console.error(
    `which profile? node profile.js <${TOOLS.join('|')}> [seconds] [receivers] [packets per second]`,
  );
  process.exit(1);
}
let clinic;
try {
  clinic = createRequire(import.meta.url).resolve('clinic/bin.js');
} catch {
  console.error('clinic is not installed: npm install (in bench/)');
  process.exit(1);
}
const folder = fileURLToPath(new URL('.', import.meta.url));
const server = fileURLToPath(new URL('./profile/server.js', import.meta.url));
const child = spawn(
  process.execPath,
  [clinic, tool, '--open=false', '--dest', '.clinic', '--', process.execPath, server, ...args],
  {
    cwd: folder,
    stdio: 'inherit',
    // It would ask whether it may report its use, and wait for an answer.
    env: { ...process.env, NO_INSIGHT: '1', NO_UPDATE_NOTIFIER: '1' },
  },
);
child.once('exit', (code) => process.exit(code ?? 1));

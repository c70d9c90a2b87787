/** Takes fresh pictures of the meeting page and puts the one that the README shows into docs/images. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { status } = spawnSync('npx', ['tap', 'run', 'test/browser/screenshots.test.ts'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(1);
const target = join(root, 'docs/images');
mkdirSync(target, { recursive: true });
copyFileSync(join(root, 'test-results/meeting-desktop.png'), join(target, 'meeting.png'));
console.log(`wrote ${join(target, 'meeting.png')}`);

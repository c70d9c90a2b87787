/**
 * The build: src -> dist with tsc, the SRTP kernel with AssemblyScript, then the examples -> examples/<name>/dist with
 * esbuild.
 *   node scripts/build.mjs              everything
 *   node scripts/build.mjs --examples   only the examples, against the dist that is there
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildKernel } from './build-kernel.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);

const common = { bundle: true, format: 'esm', sourcemap: true, logLevel: 'warning' };

const started = performance.now();
if (!process.argv.includes('--examples')) await compileLibrary();
await Promise.all([
  buildExample('meeting', ['main.tsx'], ['index.html', 'icon.svg'], {
    'e2ee-worker': 'client/e2ee/e2ee-worker.js',
  }),
  buildExample('minimal', ['main.ts'], ['index.html']),
]);
console.log(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`);

async function compileLibrary() {
  try {
    await buildKernel(root);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
  const tsc = require.resolve('typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.json')], {
    stdio: 'inherit',
  });
  if (status !== 0) {
    console.error('The library does not compile: see the messages above.');
    process.exit(1);
  }
}

/**
 * examples/<name>/server.ts -> dist/server.js, examples/<name>/web -> dist/web.
 * `workers`: further entries, by the name they get, from the library's own dist.
 */
async function buildExample(name, entries, assets, workers = {}) {
  const source = join(root, 'examples', name);
  const target = join(source, 'dist');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(join(target, 'web'), { recursive: true });
  for (const asset of assets) copyFileSync(join(source, 'web', asset), join(target, 'web', asset));
  await Promise.all([
    // Dependencies stay outside the bundle: the server runs beside node_modules.
    build({
      ...common,
      entryPoints: [join(source, 'server.ts')],
      outfile: join(target, 'server.js'),
      platform: 'node',
      target: 'node20',
      packages: 'external',
    }),
    build({
      ...common,
      entryPoints: [
        ...entries.map((entry) => ({ in: join(source, 'web', entry), out: basename(entry, extname(entry)) })),
        ...Object.entries(workers).map(([out, path]) => ({ in: join(root, 'dist', path), out })),
      ],
      outdir: join(target, 'web'),
      platform: 'browser',
      target: ['chrome111', 'firefox132', 'safari16.4'],
      minify: true,
      jsx: 'automatic',
      jsxImportSource: 'preact',
    }),
  ]);
}

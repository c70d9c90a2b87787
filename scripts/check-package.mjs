/** What `npm pack` would publish: only what users need, and in a form that every resolver understands (publint). */
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const allowed = [/^dist\/.+\.(js|d\.ts|wasm)$/, /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/];
const required = [
  'dist/index.js',
  'dist/index.d.ts',
  'dist/gateway/index.js',
  'dist/client/index.js',
  'dist/client/e2ee/e2ee-worker.js',
  'dist/srtp/srtp-kernel.wasm',
  'LICENSE',
];
const maxBytes = 2_500_000;

const [pack] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8' }),
);
const paths = pack.files.map(({ path }) => path);
const problems = [
  ...paths
    .filter((path) => !allowed.some((pattern) => pattern.test(path)))
    .map((path) => `not for users: ${path}`),
  ...required.filter((path) => !paths.includes(path)).map((path) => `missing: ${path}`),
];
if (pack.unpackedSize > maxBytes)
  problems.push(`${pack.unpackedSize} bytes unpacked, at most ${maxBytes} expected`);

const { messages, pkg } = await publint({ pkgDir: root, strict: true });
problems.push(...messages.map((message) => formatMessage(message, pkg)));

if (problems.length > 0) {
  console.error(`The package is not fit to be published:\n  ${problems.join('\n  ')}`);
  process.exit(1);
}
console.log(`package: ${paths.length} files, ${Math.round(pack.unpackedSize / 1024)} KiB unpacked`);

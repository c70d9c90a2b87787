/**
 * Which packages the built service needs to run: those that its bundle imports, and the library's own dependencies.
 *
 *   node docs/deploy/service-packages.mjs           prints them
 *   node docs/deploy/service-packages.mjs --keep    makes them the only dependencies in package.json, for `npm prune`
 *
 * Run `npm run build` first. `--keep` is for a copy of the sources that is there to be run, such as a container image.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';

const manifestFile = new URL('../../package.json', import.meta.url);
const bundleFile = new URL('../../examples/meeting/dist/server.js', import.meta.url);

const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));
const known = { ...manifest.devDependencies, ...manifest.dependencies };
const needed = new Set(Object.keys(manifest.dependencies));
for (const [, specifier] of readFileSync(bundleFile, 'utf8').matchAll(
  /^(?:import|(?:import|export|}).* from) "([^"\n]+)";$/gm,
)) {
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (isBuiltin(specifier) || name === manifest.name) continue;
  if (known[name] === undefined)
    throw new Error(`the service imports ${name}, which package.json does not have`);
  needed.add(name);
}
const dependencies = Object.fromEntries([...needed].sort().map((name) => [name, known[name]]));

if (process.argv.includes('--keep')) {
  const { devDependencies: _, ...rest } = manifest;
  writeFileSync(manifestFile, `${JSON.stringify({ ...rest, dependencies }, null, 2)}\n`);
} else {
  for (const [name, version] of Object.entries(dependencies)) process.stdout.write(`${name}@${version}\n`);
}

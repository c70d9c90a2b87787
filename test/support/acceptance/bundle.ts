import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** A script of this folder for a browser. */
export async function bundle(name: string, format: 'esm' | 'iife'): Promise<string> {
  const entry = fileURLToPath(new URL(name, import.meta.url));
  const { outputFiles } = await build({
    ...{ entryPoints: [entry], bundle: true, write: false, format },
    // The package says that its files have no side effects, so the imported worker would be left out.
    ignoreAnnotations: true,
  });
  return outputFiles[0].text;
}

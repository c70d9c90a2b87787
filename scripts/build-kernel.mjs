/**
 * The SRTP kernel: src/srtp/kernel/*.as -> dist/srtp/srtp-kernel.wasm with AssemblyScript.
 *
 * Its sources look like TypeScript but are another language, so they have another ending than `.ts`: tsc, eslint and
 * prettier would take them for ours. The compiler knows only `.ts` and is given the files under that name.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const flags = [
  ...['--optimizeLevel', '3', '--noAssert', '--runtime', 'stub', '--enable', 'simd'],
  // The memory is the worker's own, with the packets in it.
  ...['--importMemory', '--noExportMemory', '--zeroFilledMemory'],
];

/** @throws Error with the compiler's messages, or what to install when there is no compiler. */
export async function buildKernel(root) {
  const asc = await loadCompiler();
  const folder = join(root, 'src', 'srtp', 'kernel');
  const target = join(root, 'dist', 'srtp', 'srtp-kernel.wasm');
  const { error, stderr } = await asc.main(['srtp-kernel.ts', '--outFile', 'srtp-kernel.wasm', ...flags], {
    readFile: (name) => readSource(folder, name),
    writeFile: (_name, bytes) => {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, bytes);
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`The SRTP kernel does not compile: ${error.message}\n${stderr.toString()}`);
}

async function loadCompiler() {
  try {
    return await import('assemblyscript/asc');
  } catch (cause) {
    if (cause.code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new Error(
      'The SRTP kernel needs the AssemblyScript compiler, which is not installed: run npm install (it is a development dependency)',
      { cause },
    );
  }
}

/** Null for the places where the compiler only tries whether there is something. */
function readSource(folder, name) {
  if (!name.endsWith('.ts') || name.includes('/')) return null;
  try {
    return readFileSync(join(folder, name.replace(/\.ts$/, '.as')), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

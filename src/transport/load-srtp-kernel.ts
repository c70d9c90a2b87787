import { readFileSync } from 'node:fs';
import { emitWarning } from 'node:process';
import { SrtpKernel } from '../srtp/srtp-kernel.js';

/** Built from src/srtp/kernel; it lies beside the compiled srtp/ in the package. */
const file = new URL('../srtp/srtp-kernel.wasm', import.meta.url);

/**
 * The kernel of this thread, with `packetSize` bytes for packets.
 * @returns null where it cannot run; that is said once, as a warning of the process
 */
export function loadSrtpKernel(packetSize: number): SrtpKernel | null {
  const kernel = read(packetSize);
  if (kernel === null)
    emitWarning(
      `The SRTP kernel ${file.pathname} is missing or cannot run here (it needs WebAssembly with SIMD): packets are ` +
        'encrypted with node:crypto, which takes several times as long',
      { code: 'SLUSS_NO_SRTP_KERNEL' },
    );
  return kernel;
}

function read(packetSize: number): SrtpKernel | null {
  let wasm: Uint8Array;
  try {
    wasm = readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  return SrtpKernel.create(wasm, packetSize);
}

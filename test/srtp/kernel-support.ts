/** The kernel that the SRTP tests share, and what stands beside it. */
import { readFileSync } from 'node:fs';
import { PacketBatch } from '#src/srtp/packet-batch.js';
import { SrtpKernel } from '#src/srtp/srtp-kernel.js';

export const wasm = readFileSync(new URL('../../dist/srtp/srtp-kernel.wasm', import.meta.url));

/** A kernel with `packetSize` bytes for packets. */
export function newKernel(packetSize = 1 << 20, keystreamSize = 1 << 20): SrtpKernel {
  const kernel = SrtpKernel.create(wasm, packetSize, keystreamSize);
  if (kernel === null) throw new Error('the SRTP kernel does not run here: Node.js 20 has WebAssembly SIMD');
  return kernel;
}

/** A batch in the memory of a kernel, or in an array of its own. */
export function newBatch(kernel: SrtpKernel | null, slots = 256): PacketBatch<null> {
  if (kernel === null) return new PacketBatch<null>(slots);
  return new PacketBatch<null>(slots, 2048, { bytes: kernel.packets, offset: 0, kernel });
}

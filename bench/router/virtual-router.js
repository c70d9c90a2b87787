/**
 * A router as a worker has it, but on a clock of its own and without sockets: packets that would leave are protected and
 * counted. What the benchmarks of the forwarding loop share.
 */
import { Router } from '../../dist/router/router.js';
import { RtpTransport } from '../../dist/router/rtp-transport.js';
import { PacketBatch } from '../../dist/srtp/packet-batch.js';
import { protectBatch } from '../../dist/srtp/protect-batch.js';
import { SrtpSender } from '../../dist/srtp/srtp-sender.js';
import { PacketArena } from '../../dist/stream/packet-arena.js';
import { Timers } from '../../dist/stream/timers.js';
import { loadSrtpKernel } from '../../dist/transport/load-srtp-kernel.js';

const ARENA_SIZE = 64 << 20;
const SLOTS = 256;
const SLOT_SIZE = 2048;
const MASTER_KEY_LENGTH = 16;
const MASTER_SALT_LENGTH = 14;
/** How long unused keystream is kept, as in a worker. */
const SWEEP_MS = 5000;

export class VirtualRouter {
  now = 0;
  /** Packets that left. */
  sent = 0;
  /** Called for each of them, with its place in the batch, when it is about to be protected. */
  onLeaving = null;
  #nextSweep = 0;

  constructor() {
    this.kernel = loadSrtpKernel(ARENA_SIZE);
    const arena = new PacketArena(this.kernel === null ? ARENA_SIZE : this.kernel.packets);
    const scratch = arena.allocateRange(SLOT_SIZE);
    const offset = arena.allocateRange(SLOTS * SLOT_SIZE);
    this.batch = new PacketBatch(SLOTS, SLOT_SIZE, { bytes: arena.bytes, offset, kernel: this.kernel });
    let random = 12345;
    this.environment = {
      arena,
      scratch,
      batch: this.batch,
      timers: new Timers(),
      wallClockOffset: 0,
      notify() {},
      // Reports are spread by it: always the same spread, but not all at once.
      random32: () => (random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0),
      flush: () => this.flush(),
    };
    this.router = new Router('bench', this.environment);
  }

  /** Somebody; `srtp`: what goes to them is encrypted. */
  transport(id, srtp) {
    const destination = { id };
    const sink = { srtpSender: srtp ? createSender(id) : null, rtpDestination: destination, sendRtcp() {} };
    const transport = new RtpTransport(id, this.router, sink, this.environment);
    destination.transport = transport;
    return transport;
  }

  /** Time passes; what is due is done, and what is to go goes. */
  advance(ms) {
    this.now += ms;
    this.environment.timers.run(this.now);
    this.flush();
    if (this.now < this.#nextSweep) return;
    this.#nextSweep = this.now + SWEEP_MS;
    this.kernel?.keystreams.sweep();
  }

  flush() {
    const { batch } = this;
    if (batch.count === 0) return;
    if (this.onLeaving !== null)
      for (let index = 0; index < batch.count; index++) this.onLeaving(batch, index);
    protectBatch(batch);
    this.sent += batch.count;
    batch.clear();
  }
}

function createSender(id) {
  const masterKey = new Uint8Array(MASTER_KEY_LENGTH).fill(7);
  new TextEncoder().encodeInto(id, masterKey);
  const masterSalt = new Uint8Array(MASTER_SALT_LENGTH);
  return new SrtpSender({ profile: 'AES_CM_128_HMAC_SHA1_80', masterKey, masterSalt });
}

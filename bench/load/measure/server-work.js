// @ts-check
/** What a server did and used in a stretch of time. */
import { wait } from '../traffic/wait.js';
import { cpuBetween, cpuTimes, residentBytes } from './cpu.js';
import { disturbance, machineTimes } from './disturbance.js';

/**
 * The server's own counters are read around the measured stretch, since reading those of many consumers is work; so it
 * is rates that are compared.
 * @param {import('../targets/target.js').Target} target
 * @param {number} seconds
 */
export async function measureServer(target, seconds) {
  const before = await target.call('counters');
  const machine = machineTimes(target.pids);
  const cpu = cpuTimes(target.pids);
  const start = performance.now();
  await wait(seconds * 1000);
  const { user, system } = cpuBetween(cpu, cpuTimes(target.pids));
  const elapsed = (performance.now() - start) * 1000;
  const others = disturbance(machine, machineTimes(target.pids), elapsed);
  const after = await target.call('counters');
  const pps = (after.packets - before.packets) / ((after.at - before.at) / 1000);
  const packets = (pps * elapsed) / 1e6;
  return {
    packets,
    pps,
    /** Datagrams that the target's process passed on to the server itself. */
    relayed: (after.relayed ?? 0) - (before.relayed ?? 0),
    cpuPerPacket: (user + system) / packets,
    userPerPacket: user / packets,
    systemPerPacket: system / packets,
    core: ((user + system) / elapsed) * 100,
    others,
    rssMiB: residentBytes(target.pids) / 2 ** 20,
  };
}

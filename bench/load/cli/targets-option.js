// @ts-check
/** Which servers take part: those that were asked for and can run here; the others are named with the reason. */
import { loadTarget, TARGET_NAMES } from '../targets/target.js';
import { UsageError } from './options.js';

/** What a server does that lacks something, where the name does not say it. @type {Record<string, string>} */
const WITHOUT = {
  manyStreams: 'manyStreams: it forwards one stream, to receivers that are named once',
  preferLayers: 'preferLayers: it has no simulcast here',
  workers: 'workers: it has one',
};

/**
 * @param {string} list comma-separated
 * @param {string[]} needed methods that the scenario calls
 * @param {(line: string) => void} note
 * @returns {Promise<string[]>} at least one
 */
export async function usableTargets(list, needed, note) {
  const usable = [];
  for (const spec of list.split(',').filter(Boolean)) {
    const [name, folder] = spec.split('@');
    if (!TARGET_NAMES.includes(name)) {
      throw new UsageError(
        `--targets: no '${name}'; there are ${TARGET_NAMES.join(', ')}, and sluss@<dist folder>`,
      );
    }
    const { availability, methods } = await loadTarget(spec);
    const { available, reason, install } = await availability(folder);
    const missing = needed.filter((method) => !methods.includes(method));
    if (!available) note(`Left out ${spec}: ${reason}. To have it: ${install}.`);
    else if (missing.length > 0)
      note(
        `Left out ${spec}: it cannot do this scenario (no ${missing.map((name) => WITHOUT[name] ?? name).join('; no ')}).`,
      );
    else usable.push(spec);
  }
  if (usable.length === 0) throw new UsageError('--targets: none of them can run');
  return usable;
}

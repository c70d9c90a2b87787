import type { TransportListenInfo } from './entity-types.js';
import type { ThreadSettings } from './messages.js';

/** A listen info that names its ports: the worker's range where it has none of its own. */
export function resolveListenInfo(
  info: TransportListenInfo,
  { rtcMinPort, rtcMaxPort }: Pick<ThreadSettings, 'rtcMinPort' | 'rtcMaxPort'>,
): TransportListenInfo {
  const { portRange, port } = info;
  if (portRange && (portRange.min > 0 || portRange.max > 0)) {
    return info;
  }
  if (port !== undefined && port > 0) {
    return { ...info, portRange: undefined };
  }
  return { ...info, port: undefined, portRange: { min: rtcMinPort, max: rtcMaxPort } };
}

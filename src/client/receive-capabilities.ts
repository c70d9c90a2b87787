/** What this page tells the server that it can receive. */
import type { types } from 'mediasoup-client';

const DEPENDENCY_DESCRIPTOR =
  'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension';

/**
 * What mediasoup-client found, and the dependency descriptor where the browser is Chromium: it reads it when it is
 * offered, but does not name it among what it receives. Without it an SVC stream of AV1 cannot be decoded.
 */
export function receiveCapabilities(
  device: Pick<types.Device, 'handlerName' | 'recvRtpCapabilities'>,
  router: types.RtpCapabilities,
): types.RtpCapabilities {
  const own = device.recvRtpCapabilities;
  if (!device.handlerName.startsWith('Chrome')) return own;
  const others = own.headerExtensions?.filter(({ uri }) => uri !== DEPENDENCY_DESCRIPTOR) ?? [];
  const offered = router.headerExtensions?.filter(({ uri }) => uri === DEPENDENCY_DESCRIPTOR) ?? [];
  return { ...own, headerExtensions: [...others, ...offered] };
}

/** What the client needs of the browser around it; elsewhere there is no page to listen to. */
import { detectDeviceAsync, Device, type types } from 'mediasoup-client';
import { Chrome111 } from 'mediasoup-client/handlers/Chrome111';
import { Chrome74 } from 'mediasoup-client/handlers/Chrome74';
import { Firefox120 } from 'mediasoup-client/handlers/Firefox120';
import { Safari12 } from 'mediasoup-client/handlers/Safari12';
import { SignallingError } from './signalling-error.js';

const HANDLERS: Partial<Record<types.BuiltinHandlerName, { createFactory(): types.HandlerFactory }>> = {
  Chrome111,
  Chrome74,
  Firefox120,
  Safari12,
};

/**
 * The one for this browser, which from now on finds out what the browser can: that takes two peer connections, and otherwise
 * begins when the room's codecs are known. Rejects with `unsupported-device`.
 */
export async function createDevice(): Promise<Device> {
  try {
    const handlerName = await detectDeviceAsync();
    const handler = handlerName && HANDLERS[handlerName];
    if (!handler) return await Device.factory();
    return new Device({ handlerFactory: askedAhead(handler.createFactory()) });
  } catch (error) {
    throw new SignallingError(
      'unsupported-device',
      `this browser cannot take part: ${(error as Error).message}`,
    );
  }
}

function askedAhead(factory: types.HandlerFactory): types.HandlerFactory {
  const ask = (direction: 'sendonly' | 'recvonly'): Promise<types.RtpCapabilities> => {
    const answer = factory.getNativeRtpCapabilities({ direction });
    // Told when the device is loaded.
    answer.catch(() => {});
    return answer;
  };
  const native = { recvonly: ask('recvonly'), sendonly: ask('sendonly') };
  return { ...factory, getNativeRtpCapabilities: ({ direction }) => native[direction] };
}

export function listenToPage(event: string, listener: () => void): void {
  if (typeof window !== 'undefined') window.addEventListener(event, listener);
}

export function forgetPage(event: string, listener: () => void): void {
  if (typeof window !== 'undefined') window.removeEventListener(event, listener);
}

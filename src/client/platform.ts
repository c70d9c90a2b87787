/** What the client needs of the browser around it; elsewhere there is no page to listen to. */
import { Device } from 'mediasoup-client';
import { SignallingError } from './signalling-error.js';

/** The one for this browser. Rejects with `unsupported-device`. */
export async function createDevice(): Promise<Device> {
  try {
    return await Device.factory();
  } catch (error) {
    throw new SignallingError(
      'unsupported-device',
      `this browser cannot take part: ${(error as Error).message}`,
    );
  }
}

export function listenToPage(event: string, listener: () => void): void {
  if (typeof window !== 'undefined') window.addEventListener(event, listener);
}

export function forgetPage(event: string, listener: () => void): void {
  if (typeof window !== 'undefined') window.removeEventListener(event, listener);
}

import { SignallingError } from './signalling-error.js';

/** Rejects as the page's function does; an error without a code counts as a lost network. */
export function askForTicket(source: () => Promise<string>): Promise<string> {
  return ask('no ticket to be had', source);
}

/** Rejects in the same way. */
export function askForIceServers(
  source: () => readonly RTCIceServer[] | Promise<readonly RTCIceServer[]>,
): Promise<readonly RTCIceServer[]> {
  return ask('no ICE servers to be had', source);
}

async function ask<T>(trouble: string, source: () => T | Promise<T>): Promise<T> {
  try {
    return await source();
  } catch (error) {
    if (typeof (error as { code?: unknown } | null)?.code === 'string') throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new SignallingError('connect-failed', `${trouble}: ${message}`);
  }
}

import { SignallingError } from './signalling-error.js';

/** Rejects as the page's function does; an error without a code counts as a lost network. */
export async function askForTicket(source: () => Promise<string>): Promise<string> {
  try {
    return await source();
  } catch (error) {
    if (typeof (error as { code?: unknown } | null)?.code === 'string') throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new SignallingError('connect-failed', `no ticket to be had: ${message}`);
  }
}

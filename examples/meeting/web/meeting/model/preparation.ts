import { prepareDevice, type RoomClient } from 'sluss/client';
import { type PreparedEncryption, prepareEncryption, supportsEncryption } from 'sluss/client/e2ee';
import type { EncryptionDemand } from '../../../shared/api.js';

/** What one stay in a meeting needs and what takes time. */
export interface Prepared {
  device: ConstructorParameters<typeof RoomClient>[0]['device'];
  /** Null: the meeting is held without, or this browser cannot. */
  encryption: PreparedEncryption | null;
}

/**
 * Makes it while somebody gets ready or waits, so that going in takes less time. Nothing of it leaves the page: that begins
 * with the join, after the server has let the person in.
 */
export class Preparation {
  #next: Prepared | null = null;

  /** May be called again at any time, also with another demand. */
  begin(demand: EncryptionDemand): void {
    const fits = this.#next !== null && isReady(this.#next, demand);
    if (fits) return;
    this.close();
    this.#next = prepare(demand);
  }

  /** For one stay; makes it now when nothing that will do is there. */
  take(demand: EncryptionDemand): Prepared {
    this.begin(demand);
    const prepared = this.#next!;
    this.#next = null;
    return prepared;
  }

  close(): void {
    this.#next?.encryption?.close();
    this.#next = null;
  }
}

function prepare(demand: EncryptionDemand): Prepared {
  const device = prepareDevice();
  // Told by the join.
  device.catch(() => {});
  const encrypts = demand === 'required' && supportsEncryption();
  return {
    device,
    encryption: encrypts ? prepareEncryption(new Worker('/e2ee-worker.js', { type: 'module' })) : null,
  };
}

function isReady({ encryption }: Prepared, demand: EncryptionDemand): boolean {
  return encryption === null ? demand === 'off' : demand === 'required' && encryption.isReady;
}

/** A person's phone with Freja in it: scans what a page shows, and says yes or no. */
import { ANNA, type Forgery, type FrejaPerson, signResult } from './results.js';
import type { FrejaSimulator, SimulatedFrejaOrder } from './simulator.js';

export class FrejaPhone {
  #order: SimulatedFrejaOrder | null = null;

  constructor(private readonly simulator: FrejaSimulator) {}

  /** `link`: of the QR code, or what opens the app. Throws when there is no such order that awaits somebody. */
  scan(link: string): void {
    const url = new URL(link);
    const order = this.simulator.orderOf(url.searchParams.get('transactionReference'));
    const isFreja = url.protocol === 'frejaeid:' && url.host === 'bindUserToTransaction';
    if (!isFreja || order?.status !== 'STARTED') throw new Error('Freja: this QR code is not valid');
    order.status = 'DELIVERED_TO_MOBILE';
    this.#order = order;
  }

  async approve(person: FrejaPerson = ANNA, forgery?: Forgery): Promise<void> {
    const order = this.#awaiting();
    order.details = await signResult({ authRef: order.authRef, at: this.simulator.now() }, person, forgery);
    order.status = 'APPROVED';
  }

  /** The person says no. */
  decline(): void {
    this.#awaiting().status = 'CANCELED';
  }

  /** Freja says no: the person has another under way. */
  reject(): void {
    this.#awaiting().status = 'REJECTED';
  }

  #awaiting(): SimulatedFrejaOrder {
    const order = this.simulator.orderOf(this.#order?.authRef);
    if (order?.status !== 'DELIVERED_TO_MOBILE') throw new Error('Freja: nothing to approve');
    return order;
  }
}

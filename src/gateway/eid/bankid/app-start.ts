/** The ways into the BankID app: the animated QR code for another device, links for this one. */
import { createHmac } from 'node:crypto';
import type { StartedOrder } from './rp-answers.js';

/** What the QR code holds `seconds` (whole) after the order was answered. The secret never leaves the server. */
export function qrText({ qrStartToken, qrStartSecret }: StartedOrder, seconds: number): string {
  const time = String(seconds);
  return `bankid.${qrStartToken}.${time}.${createHmac('sha256', qrStartSecret).update(time).digest('hex')}`;
}

/**
 * Where the app sends the person afterwards is not in them: it has that from BankID (`returnUrl` of the order), and whoever
 * begins an order and hands its link to somebody else must not find it here.
 */
export function launchLinks({ autoStartToken }: StartedOrder): {
  readonly desktop: string;
  readonly mobile: string;
} {
  const query = `autostarttoken=${encodeURIComponent(autoStartToken)}&redirect=null`;
  return { desktop: `bankid:///?${query}`, mobile: `https://app.bankid.com/?${query}` };
}

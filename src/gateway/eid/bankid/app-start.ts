/** The ways into the BankID app: the animated QR code for another device, links for this one. */
import { createHmac } from 'node:crypto';
import type { StartedOrder } from './rp-answers.js';

/** What the QR code holds `seconds` (whole) after the order was answered. The secret never leaves the server. */
export function qrText({ qrStartToken, qrStartSecret }: StartedOrder, seconds: number): string {
  const time = String(seconds);
  return `bankid.${qrStartToken}.${time}.${createHmac('sha256', qrStartSecret).update(time).digest('hex')}`;
}

/** `returnUrl`: where the app on a phone sends the person afterwards; on a computer the browser stays in front. */
export function launchLinks(
  { autoStartToken }: StartedOrder,
  returnUrl: string,
): { readonly desktop: string; readonly mobile: string } {
  const token = encodeURIComponent(autoStartToken);
  return {
    desktop: `bankid:///?autostarttoken=${token}&redirect=null`,
    mobile: `https://app.bankid.com/?autostarttoken=${token}&redirect=${encodeURIComponent(returnUrl)}`,
  };
}

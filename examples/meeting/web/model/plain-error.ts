import type { DeviceTrouble } from './capture-device.js';
import { texts } from '../texts.js';

/** Why a device is not on, in words for the person. */
export function deviceTroubleText(device: string, trouble: DeviceTrouble | null): string | null {
  switch (trouble) {
    case null:
      return null;
    case 'insecure':
      return texts.errors.insecure;
    case 'denied':
      return texts.errors.deviceDenied(device);
    case 'missing':
      return texts.errors.deviceMissing(device);
    case 'busy':
      return texts.errors.deviceBusy(device);
    case 'lost':
      return texts.errors.deviceLost(device);
    case 'failed':
      return texts.errors.deviceFailed(device);
  }
}

/** The reason inside a sentence: words for the code when there are some, else the error's own message. */
export function detailOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string' && Object.hasOwn(texts.errors.byCode, code)) return texts.errors.byCode[code];
  return typeof message === 'string' && message !== ''
    ? message.replace(/[.\s]+$/, '')
    : texts.errors.noDetail;
}

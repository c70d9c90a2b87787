import { texts } from '../../service/texts/texts.js';
import type { DeviceTrouble } from './capture-device.js';

/** Why a device is not on, in words for the person. */
export function deviceTroubleText(device: string, trouble: DeviceTrouble): string {
  return texts.value.devices.trouble[trouble](device);
}

/** The reason inside a sentence: words for the code when there are some, else the error's own message. */
export function detailOf(error: unknown): string {
  const { byCode, noDetail } = texts.value.meeting.errors;
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string' && Object.hasOwn(byCode, code)) return byCode[code];
  return typeof message === 'string' && message !== '' ? message.replace(/[.\s]+$/, '') : noDetail;
}

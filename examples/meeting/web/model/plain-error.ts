import { texts } from '../texts.js';

/** Turns what getUserMedia throws into words for the person, by the error names of the Media Capture specification. */
export function deviceErrorText(device: string, error: unknown): string {
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return texts.errors.deviceDenied(device);
    case 'NotFoundError':
    case 'OverconstrainedError':
      return texts.errors.deviceMissing(device);
    case 'NotReadableError':
    case 'AbortError':
      return texts.errors.deviceBusy(device);
    default:
      return texts.errors.deviceFailed(device, detailOf(error));
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

import type { ApiError, Localized } from '../../../shared/api.js';

/**
 * Why a request did not do what was asked. `code` is the server's own (see shared/api.ts), or one of the page's:
 * `offline` (nothing answered), `timeout`, `bad-answer` (not what this page understands).
 */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';

  constructor(
    readonly code: string,
    /** 0 when nothing came from the server. */
    readonly status: number,
    /** The server's own words, when it had some. */
    readonly localized: Localized | null = null,
    /** The field that was wrong. */
    readonly field: string | null = null,
  ) {
    super(code);
  }
}

/** Reads the body of an answer with status 400 and up; whatever it holds, a failure comes out. */
export function failureFrom(status: number, body: unknown): ApiFailure {
  const error = (body as Partial<ApiError> | null)?.error;
  if (typeof error?.code !== 'string') return new ApiFailure(codeOfStatus(status), status);
  const { code, message, field } = error;
  const localized =
    typeof message?.sv === 'string' && typeof message.en === 'string'
      ? { sv: message.sv, en: message.en }
      : null;
  return new ApiFailure(code, status, localized, typeof field === 'string' ? field : null);
}

/** A proxy in front answers without our codes. */
function codeOfStatus(status: number): string {
  if (status === 401) return 'not-signed-in';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not-found';
  if (status === 410) return 'gone';
  if (status === 429) return 'rate-limited';
  return status >= 500 ? 'internal' : 'bad-request';
}

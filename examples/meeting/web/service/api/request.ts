import { signal } from '@preact/signals';
import { language } from '../texts/texts.js';
import { ApiFailure, failureFrom } from './failure.js';

/** Requests that get no answer are given up after this long: a person who waits wants to know. */
const TIMEOUT_MS = 15_000;

/** When something was last asked for that the server counts as activity, in milliseconds of `Date.now()`. */
export const lastActivityAt = signal(Date.now());
/** What the page asks for by itself: no sign that anybody is there. */
const PASSIVE = /^\/api\/(session|eid\/orders\/[^/]+|meetings\/[^/]+\/me\/payment)$/;

/** Counts the answers that said that nobody is signed in any more. */
export const signedOutAnswers = signal(0);

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One request of the JSON interface. Rejects with an `ApiFailure` and nothing else. */
export async function request<T>(
  method: Method,
  path: string,
  body?: unknown,
  timeoutMs = TIMEOUT_MS,
): Promise<T> {
  const response = await send(method, path, body, timeoutMs);
  if (method !== 'GET' || !PASSIVE.test(path)) lastActivityAt.value = Date.now();
  const answer: unknown = response.status === 204 ? {} : await response.json().catch(() => null);
  if (!response.ok) {
    const failure = failureFrom(response.status, answer);
    if (failure.code === 'not-signed-in') signedOutAnswers.value++;
    throw failure;
  }
  if (typeof answer !== 'object' || answer === null) throw new ApiFailure('bad-answer', response.status);
  return answer as T;
}

/** Writes `?a=1&b=2`; what is undefined or '' is left out. */
export function query(values: Readonly<Record<string, string | undefined>>): string {
  const known = Object.entries(values).filter((pair): pair is [string, string] => Boolean(pair[1]));
  return known.length === 0 ? '' : `?${new URLSearchParams(known).toString()}`;
}

async function send(method: Method, path: string, body: unknown, timeoutMs: number): Promise<Response> {
  try {
    return await fetch(path, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      headers: {
        Accept: 'application/json',
        // What was chosen on the page, for who has no session yet to remember it.
        'Accept-Language': language.peek(),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    const late = error instanceof DOMException && error.name === 'TimeoutError';
    throw new ApiFailure(late ? 'timeout' : 'offline', 0);
  }
}

/** What the application hangs on an object; the library only keeps it. */
export type AppData = Record<string, unknown>;

/** @throws TypeError unless it is an object or left out (`undefined` or `null`). */
export function checkAppData<Data extends AppData>(appData: Data | null | undefined): Data {
  if (typeof (appData ?? {}) !== 'object') {
    throw new TypeError(`invalid appData: expected an object, got ${typeof appData}`);
  }
  return appData ?? ({} as Data);
}

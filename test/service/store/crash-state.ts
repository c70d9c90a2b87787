/** A state over some hundred pages of a database file, so that many a kill falls between the writing of two of them. */
export function largeState(version: number): { version: number; padding: string } {
  return { version, padding: paddingOf(version) };
}

/** True: all of it is of one version. */
export function isWhole(state: unknown, version: number): boolean {
  const { version: told, padding } = state as { version: number; padding: string };
  return told === version && padding === paddingOf(version);
}

function paddingOf(version: number): string {
  return String(version).padStart(10, '0').repeat(50_000);
}

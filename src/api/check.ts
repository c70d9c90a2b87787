/** Checks of single arguments; what comes as an object is read with `Fields`. All throw a TypeError that names the field. */

export function checkInteger(
  value: unknown,
  field: string,
  min: number,
  max: number,
): asserts value is number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new TypeError(`invalid ${field}: expected an integer from ${min} to ${max}, got ${String(value)}`);
  }
}

/** @returns those of `types` that exist; unknown ones are left out, as newer applications may know more. */
export function checkTraceTypes(types: unknown, known: readonly string[]): string[] {
  if (!Array.isArray(types) || types.some((type) => typeof type !== 'string')) {
    throw new TypeError(`invalid types: expected an array of strings out of ${known.join(', ')}`);
  }
  return known.filter((type) => types.includes(type));
}

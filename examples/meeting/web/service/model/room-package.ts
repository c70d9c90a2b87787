import type { RoomPackage } from '../../../shared/api.js';
import { texts } from '../texts/texts.js';
import { wholeNumber } from './checks.js';
import { type AnyField, Field } from './form.js';

export const SIZES = [5, 25, 50, 100] as const;
export type PackageName = 'small' | 'medium' | 'large' | 'own';
export const PACKAGE_NAMES: readonly PackageName[] = ['small', 'medium', 'large', 'own'];

/** The packages that are offered; see `RoomPackage`. */
const PACKAGES: Record<Exclude<PackageName, 'own'>, RoomPackage> = {
  small: { 5: 1, 25: 0, 50: 0, 100: 0 },
  medium: { 5: 6, 25: 2, 50: 0, 100: 0 },
  large: { 5: 8, 25: 2, 50: 0, 100: 0 },
};

/** How many rooms of each size: one of the packages, or numbers of one's own. */
export class PackageForm {
  readonly name: Field<PackageName>;
  readonly counts: Record<(typeof SIZES)[number], Field<string>>;

  constructor(present: RoomPackage | null) {
    this.name = new Field<PackageName>('room-package', present === null ? 'small' : nameOf(present));
    const count = (size: (typeof SIZES)[number]) =>
      new Field(
        `count-${size}`,
        String(present?.[size] ?? 0),
        wholeNumber(0, 100, () => texts.value.admin.operator.countWrong),
      );
    this.counts = { 5: count(5), 25: count(25), 50: count(50), 100: count(100) };
  }

  get fields(): AnyField[] {
    return this.name.value === 'own' ? [this.name, ...Object.values(this.counts)] : [this.name];
  }

  read(): RoomPackage {
    const name = this.name.peek();
    if (name !== 'own') return PACKAGES[name];
    const count = (size: (typeof SIZES)[number]) => Number(this.counts[size].peek());
    return { 5: count(5), 25: count(25), 50: count(50), 100: count(100) };
  }
}

function nameOf(present: RoomPackage): PackageName {
  const same = (one: RoomPackage) => SIZES.every((size) => one[size] === present[size]);
  return (['small', 'medium', 'large'] as const).find((name) => same(PACKAGES[name])) ?? 'own';
}

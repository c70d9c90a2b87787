import { PACKAGE_NAMES, type PackageForm, SIZES } from '../model/room-package.js';
import { texts } from '../texts/texts.js';
import { SelectField, TextField } from './fields.js';

export function PackageFields({ rooms }: { rooms: PackageForm }) {
  const { operator: words } = texts.value.admin;
  return (
    <>
      <SelectField
        field={rooms.name}
        label={words.packageLabel}
        choices={PACKAGE_NAMES.map((value) => ({ value, label: words.package[value] }))}
      />
      {rooms.name.value === 'own' && (
        <div class="field-row">
          {SIZES.map((size) => (
            <TextField
              key={size}
              field={rooms.counts[size]}
              label={words.countOf(size)}
              inputMode="numeric"
            />
          ))}
        </div>
      )}
    </>
  );
}

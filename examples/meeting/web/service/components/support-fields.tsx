import type { SupportFields } from '../model/support-fields.js';
import { texts } from '../texts/texts.js';
import { TextField } from './fields.js';

export function SupportFieldsView({ support }: { support: SupportFields }) {
  const { organisation: words } = texts.value.admin;
  return (
    <>
      <div class="field-row">
        <TextField field={support.name} label={words.supportName} />
        <TextField field={support.hours} label={words.supportHours} />
      </div>
      <div class="field-row">
        <TextField field={support.phone} label={words.supportPhone} type="tel" />
        <TextField field={support.email} label={words.supportEmail} type="email" />
      </div>
    </>
  );
}

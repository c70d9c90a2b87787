import type { PortalRole } from '../../../shared/api.js';
import { LOGINS, type OrganiserForm } from '../model/organiser-form.js';
import { texts } from '../texts/texts.js';
import { CheckList, RadioField, TextField } from './fields.js';

/** `roles` empty: they are given, there is nothing to choose. */
export function OrganiserFields({
  organiser,
  roles,
}: {
  organiser: OrganiserForm;
  roles: readonly PortalRole[];
}) {
  const { organisers: words } = texts.value.admin;
  const login = organiser.login.value;
  return (
    <>
      <div class="field-row">
        <TextField field={organiser.name} label={words.name} />
        <TextField field={organiser.email} label={words.email} type="email" />
      </div>
      <RadioField
        field={organiser.login}
        label={words.login}
        choices={LOGINS.map((value) => ({ value, label: words.loginWords[value] }))}
      />
      {login === 'personalNumber' && (
        <TextField
          field={organiser.personalNumber}
          label={words.personalNumber}
          inputMode="numeric"
          size="medium"
        />
      )}
      {login === 'hsaId' && <TextField field={organiser.hsaId} label={words.hsaId} size="medium" />}
      {roles.length > 0 && (
        <CheckList
          field={organiser.roles}
          label={words.roles}
          choices={roles.map((value) => ({ value, label: words.role[value] }))}
        />
      )}
    </>
  );
}

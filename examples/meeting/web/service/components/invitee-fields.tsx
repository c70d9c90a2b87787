import { INVITEE_ROLES, type InviteeForm, type Via } from '../model/invitee-form.js';
import { texts } from '../texts/texts.js';
import { RadioField, SelectField, TextField } from './fields.js';

/** Who is invited, as what, how the invitation goes out, and whether it is for that very person. */
export function InviteeFields({ invitee, ways }: { invitee: InviteeForm; ways: readonly Via[] }) {
  const { people } = texts.value.booking;
  const { common } = texts.value;
  return (
    <>
      <div class="field-row">
        <TextField field={invitee.name} label={people.name} />
        <SelectField
          field={invitee.role}
          label={people.role}
          choices={INVITEE_ROLES.map((role) => ({ value: role, label: common.role[role] }))}
        />
      </div>
      {ways.length > 1 ? (
        <RadioField
          field={invitee.via}
          label={people.via}
          choices={ways.map((via) => ({ value: via, label: people.viaWords[via] }))}
        />
      ) : (
        <p class="hint">{people.linkOnly}</p>
      )}
      {invitee.via.value === 'email' && (
        <TextField field={invitee.email} label={people.email} type="email" size="medium" />
      )}
      {invitee.via.value === 'sms' && (
        <TextField field={invitee.phone} label={people.phone} type="tel" size="medium" />
      )}
      <TextField
        field={invitee.personalNumber}
        label={people.personalNumber}
        hint={people.personalNumberHint}
        inputMode="numeric"
        size="medium"
        optional
      />
      <SelectField
        field={invitee.language}
        label={people.language}
        choices={(['sv', 'en'] as const).map((value) => ({ value, label: people.languages[value] }))}
      />
    </>
  );
}

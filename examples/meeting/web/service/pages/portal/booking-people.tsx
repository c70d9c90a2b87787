import { ASSURANCES, type Booking, ENCRYPTION_DEMANDS } from '../../model/booking.js';
import type { ServiceApp } from '../../model/service-app.js';
import { texts } from '../../texts/texts.js';
import { Tag } from '../../components/alert.js';
import { RadioField, TextArea, TextField } from '../../components/fields.js';
import { ErrorSummary } from '../../components/form-frame.js';
import { InviteeFields } from '../../components/invitee-fields.js';

/** A form of its own: Enter in it adds the person, it does not go on. */
export function AddInvitee({ app, booking }: { app: ServiceApp; booking: Booking }) {
  const { people } = texts.value.booking;
  const { common } = texts.value;
  const { invitee } = booking;
  const add = (event: Event): void => {
    event.preventDefault();
    const name = booking.addInvitee();
    if (name === null) return;
    app.announcer.say(people.added(name));
    document.getElementById(invitee.name.id)?.focus();
  };
  const remove = (index: number, name: string): void => {
    booking.removeInvitee(index);
    app.announcer.say(people.removed(name));
    document.getElementById('people-heading')?.focus();
  };
  const invitees = booking.invitees.value;
  return (
    <>
      <p id="people-heading" tabIndex={-1}>
        {people.lead}
      </p>
      <section class="card" aria-label={people.heading}>
        {invitees.length === 0 ? (
          <p class="hint">{people.none}</p>
        ) : (
          <ul class="list">
            {invitees.map(({ name, role, via, email, phone, personalNumber }, index) => (
              <li key={index}>
                <div class="list-head">
                  <div class="row">
                    <span class="strong">{name}</span>
                    <Tag>{common.role[role]}</Tag>
                    {personalNumber !== undefined && (
                      <Tag tone="good">{texts.value.portal.meeting.namesPerson}</Tag>
                    )}
                  </div>
                  <button
                    type="button"
                    class="button button-small"
                    aria-label={people.removeName(name)}
                    onClick={() => remove(index, name)}
                  >
                    {common.remove}
                  </button>
                </div>
                <p class="hint">
                  {people.viaWords[via]}
                  {(email ?? phone) !== undefined && `: ${email ?? phone}`}
                </p>
              </li>
            ))}
          </ul>
        )}
      </section>
      <form class="card" onSubmit={add} noValidate aria-labelledby="add-heading">
        <h3 id="add-heading">{people.addHeading}</h3>
        <ErrorSummary form={invitee.form} />
        <InviteeFields invitee={invitee} ways={booking.ways} />
        <div class="actions">
          <button type="submit" class="button">
            {people.add}
          </button>
        </div>
      </form>
    </>
  );
}

export function PeopleStep({ booking }: { booking: Booking }) {
  const { people } = texts.value.booking;
  const least = booking.type?.minimumAssurance ?? 'low';
  const tooLow = (index: number): boolean => index < ASSURANCES.indexOf(least);
  return (
    <>
      <h3>{people.safetyHeading}</h3>
      <RadioField
        field={booking.minimumAssurance}
        label={people.minimumAssurance}
        hint={people.typeDemands}
        choices={ASSURANCES.map((value, index) => ({
          value,
          label: people.assuranceWords[value],
          disabled: tooLow(index),
        }))}
      />
      <RadioField
        field={booking.encryption}
        label={people.encryption}
        hint={people.encryptionHint}
        choices={ENCRYPTION_DEMANDS.map((value) => ({ value, label: people.encryptionWords[value] }))}
      />
      <TextArea field={booking.message} label={people.message} hint={people.messageHint} optional />
      {booking.overview.paymentEnabled && (
        <TextField
          field={booking.payment}
          label={people.payment}
          hint={people.paymentHint}
          inputMode="numeric"
          size="short"
          optional
        />
      )}
    </>
  );
}

import type { MeetingKind } from '../../../../shared/api.js';
import { type Booking, DURATIONS, PROTECTION_LEVELS } from '../../model/booking.js';
import { dayOf, shortDayText } from '../../model/dates.js';
import type { Field } from '../../model/form.js';
import type { ServiceApp } from '../../model/service-app.js';
import { texts } from '../../texts/texts.js';
import { Alert } from '../../components/alert.js';
import { informationText } from '../../components/bits.js';
import { RadioField, SelectField, TextArea, TextField } from '../../components/fields.js';

const KINDS: readonly MeetingKind[] = ['individual', 'group', 'sip'];

export function SubjectStep({ booking }: { booking: Booking }) {
  const { subject, information } = texts.value.booking;
  const { common } = texts.value;
  const { overview, type } = booking;
  return (
    <>
      <TextField field={booking.title} label={subject.title} hint={subject.titleHint} />
      <RadioField
        field={booking.kind}
        label={subject.kind}
        choices={KINDS.map((kind) => ({ value: kind, label: common.kind[kind] }))}
      />
      <div class="field">
        <label for={booking.meetingType.id}>{subject.meetingType}</label>
        <p id="meeting-type-hint" class="hint">
          {subject.meetingTypeHint}
        </p>
        <select
          id={booking.meetingType.id}
          class="input-medium"
          aria-describedby="meeting-type-hint meeting-type-approved"
          value={booking.meetingType.value}
          onChange={(event) => booking.chooseType(event.currentTarget.value)}
        >
          {overview.meetingTypes.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
        <p id="meeting-type-approved" class="hint">
          {type !== undefined && subject.approvedFor(informationText(type.approvedClass))}
        </p>
      </div>
      <SelectField
        field={booking.room}
        label={subject.room}
        choices={overview.rooms.map(({ id, name, capacity }) => ({
          value: id,
          label: subject.roomOption(name, capacity),
        }))}
      />
      <section class="stack" aria-labelledby="information-heading">
        <h2 id="information-heading">{information.heading}</h2>
        <p>{information.lead}</p>
        <ul class="stack stack-small hint">
          {PROTECTION_LEVELS.map((level) => (
            <li key={level}>
              {information.levelOf(Number(level) as 1, information.level[Number(level) as 1])}.{' '}
              {information.example[Number(level) as 1]}.
            </li>
          ))}
        </ul>
        <LevelField field={booking.confidentiality} label={information.confidentiality} />
        <LevelField field={booking.integrity} label={information.integrity} />
        <LevelField field={booking.availability} label={information.availability} />
        <div role="status">
          {booking.exceedsType.value && type !== undefined && (
            <Alert tone="warning" heading={information.exceedsHeading}>
              <p>{information.exceeds(type.name, informationText(type.approvedClass))}</p>
            </Alert>
          )}
        </div>
      </section>
    </>
  );
}

export function LevelField({
  field,
  label,
}: {
  field: Field<(typeof PROTECTION_LEVELS)[number]>;
  label: string;
}) {
  const { information } = texts.value.booking;
  return (
    <SelectField
      field={field}
      label={label}
      choices={PROTECTION_LEVELS.map((level) => ({
        value: level,
        label: information.levelOf(Number(level) as 1, information.level[Number(level) as 1]),
      }))}
    />
  );
}

export function SuitabilityStep({ app, booking }: { app: ServiceApp; booking: Booking }) {
  const { suitability: words } = texts.value.booking;
  const { common } = texts.value;
  const yesNo = [
    { value: 'yes', label: common.yes },
    { value: 'no', label: common.no },
  ] as const;
  const child = booking.child.value === 'yes';
  const unfit = booking.suits.value === 'no';
  return (
    <>
      <p>{words.lead}</p>
      <RadioField field={booking.child} label={words.child} hint={words.childHint} choices={yesNo} />
      <div role="status">
        {child && (
          <Alert tone="problem" heading={words.refusedHeading}>
            <p>{words.refused}</p>
          </Alert>
        )}
      </div>
      {!child && (
        <RadioField field={booking.suits} label={words.suits} hint={words.suitsHint} choices={yesNo} />
      )}
      <div role="status">
        {!child && unfit && (
          <Alert tone="problem" heading={words.suitsNoHeading}>
            <p>{words.suitsNo}</p>
          </Alert>
        )}
      </div>
      {!child && !unfit && (
        <>
          {booking.exceedsType.value && (
            <section class="card" aria-labelledby="deviation-heading">
              <h3 id="deviation-heading">{words.deviationHeading}</h3>
              <p>{words.deviationLead}</p>
              <TextArea field={booking.deviationReason} label={words.deviationReason} />
              <TextField field={booking.decidedBy} label={words.decidedBy} />
            </section>
          )}
          <TextArea
            field={booking.justification}
            label={words.justification}
            hint={words.justificationHint}
          />
          <p class="hint">{words.assessedBy(app.session.person.value?.name ?? '')}</p>
        </>
      )}
    </>
  );
}

export function TimeStep({ booking }: { booking: Booking }) {
  const { time: words } = texts.value.booking;
  const { common } = texts.value;
  const dates = booking.dates.value;
  return (
    <>
      <div class="field-row">
        <TextField field={booking.date} label={words.date} type="date" min={dayOf(new Date())} />
        <TextField field={booking.time} label={`${words.time} (${words.zone})`} type="time" />
        <SelectField
          field={booking.duration}
          label={words.duration}
          choices={DURATIONS.map((minutes) => ({ value: minutes, label: common.minutes(Number(minutes)) }))}
        />
      </div>
      <SelectField
        field={booking.repeat}
        label={words.repeat}
        choices={[
          { value: 'once', label: words.once },
          { value: '1', label: words.everyWeeks[1] },
          { value: '2', label: words.everyWeeks[2] },
          { value: '4', label: words.everyWeeks[4] },
        ]}
      />
      {booking.repeat.value !== 'once' && (
        <>
          <TextField field={booking.count} label={words.count} inputMode="numeric" size="short" />
          <p class="hint" role="status">
            {words.dates(dates.map(shortDayText).join(', '))}
          </p>
        </>
      )}
    </>
  );
}

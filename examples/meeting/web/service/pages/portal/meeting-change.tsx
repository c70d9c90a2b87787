import type { MeetingView, PortalOverview } from '../../../../shared/api.js';
import { changeMeeting } from '../../api/portal-api.js';
import { clockOf, dayOf, momentOf } from '../../model/dates.js';
import { filled, wholeNumber } from '../../model/checks.js';
import { Field, Form } from '../../model/form.js';
import { InviteeForm, type Via, waysOf } from '../../model/invitee-form.js';
import type { Resource } from '../../model/resource.js';
import type { ServiceApp } from '../../model/service-app.js';
import { texts } from '../../texts/texts.js';
import { Fetched } from '../../components/bits.js';
import { CheckField, TextArea, TextField } from '../../components/fields.js';
import { FormFrame, SubmitButton } from '../../components/form-frame.js';
import { InviteeFields } from '../../components/invitee-fields.js';
import { useConst } from '../../components/use-const.js';

interface Props {
  app: ServiceApp;
  meeting: MeetingView;
  resource: Resource<MeetingView>;
}

/** Title, time and message; the other things belong to the assessment and are decided at booking. */
export function ChangeForm({ app, meeting, resource }: Props) {
  const { portal, booking } = texts.value;
  const fields = useConst(() => changeFields(meeting));
  const { title, date, time, duration, message, wholeSeries, form } = fields;
  const save = (): void =>
    void form.submit(async () => {
      const changed = await changeMeeting(meeting.id, {
        title: title.peek().trim(),
        startsAt: momentOf(date.peek(), time.peek()) ?? meeting.startsAt,
        durationMinutes: Number(duration.peek()),
        message: message.peek().trim(),
        ...(meeting.seriesId === null ? {} : { wholeSeries: wholeSeries.peek() }),
      });
      resource.set(changed);
      app.notices.news(texts.peek().portal.meeting.changed);
    });
  return (
    <details class="card">
      <summary class="strong">{portal.meeting.changeHeading}</summary>
      <FormFrame form={form} onSubmit={save}>
        <TextField field={title} label={booking.subject.title} />
        <div class="field-row">
          <TextField field={date} label={booking.time.date} type="date" />
          <TextField field={time} label={booking.time.time} type="time" />
        </div>
        <TextField
          field={duration}
          label={`${booking.time.duration} (min)`}
          inputMode="numeric"
          size="short"
        />
        <TextArea field={message} label={booking.people.message} optional />
        {meeting.seriesId !== null && <CheckField field={wholeSeries} label={portal.meeting.wholeSeries} />}
        <div class="actions">
          <SubmitButton form={form}>{portal.meeting.change}</SubmitButton>
        </div>
      </FormFrame>
    </details>
  );
}

function changeFields(meeting: MeetingView) {
  const title = new Field(
    'title',
    meeting.title,
    filled(() => texts.value.booking.subject.titleMissing),
  );
  const date = new Field(
    'date',
    dayOf(new Date(meeting.startsAt)),
    filled(() => texts.value.booking.time.dateMissing),
  );
  const time = new Field(
    'time',
    clockOf(meeting.startsAt),
    filled(() => texts.value.booking.time.timeMissing),
  );
  const duration = new Field(
    'duration-minutes',
    String(meeting.durationMinutes),
    wholeNumber(5, 1440, () => texts.value.booking.time.durationWrong),
  );
  const message = new Field('message', meeting.message, (text) =>
    text.length > 2000 ? () => texts.value.booking.people.messageLong : null,
  );
  const wholeSeries = new Field('whole-series', false);
  const form = new Form(() => [title, date, time, duration, message, wholeSeries]);
  return { title, date, time, duration, message, wholeSeries, form };
}

/** One more person, who is told at once. */
export function InviteSection({ overview, ...props }: Props & { overview: Resource<PortalOverview> }) {
  const { portal } = texts.value;
  return (
    <details class="card">
      <summary class="strong">{portal.meeting.inviteHeading}</summary>
      <Fetched resource={overview}>{(value) => <InviteForm {...props} ways={waysOf(value)} />}</Fetched>
    </details>
  );
}

function InviteForm({ app, meeting, resource, ways }: Props & { ways: readonly Via[] }) {
  const { portal } = texts.value;
  const invitee = useConst(() => new InviteeForm(ways[0]));
  const send = (): void =>
    void invitee.form.submit(async () => {
      const added = invitee.read();
      resource.set(await changeMeeting(meeting.id, { invitees: [added] }));
      invitee.clear();
      const { meeting: words } = texts.peek().portal;
      app.notices.news(
        added.via === 'link' ? words.invitedByLink(added.name) : words.invitedMore(added.name),
      );
    });
  return (
    <FormFrame form={invitee.form} onSubmit={send}>
      <InviteeFields invitee={invitee} ways={ways} />
      <div class="actions">
        <SubmitButton form={invitee.form}>{portal.meeting.invite}</SubmitButton>
      </div>
    </FormFrame>
  );
}

import { useEffect } from 'preact/hooks';
import type { MeetingView } from '../../../../shared/api.js';
import { getMeetings, getOverview } from '../../api/portal-api.js';
import { clockText, dayOf, endOf, endOfDay, shortDayText, startOfDay } from '../../model/dates.js';
import { Field, Form } from '../../model/form.js';
import { Resource } from '../../model/resource.js';
import { meetingPath, portalMeetingPath } from '../../model/route.js';
import type { ServiceApp } from '../../model/service-app.js';
import { texts } from '../../texts/texts.js';
import { Tag } from '../../components/alert.js';
import { Fetched } from '../../components/bits.js';
import { TextField } from '../../components/fields.js';
import { FormFrame, SubmitButton } from '../../components/form-frame.js';
import { Page } from '../../components/shell.js';
import { useConst } from '../../components/use-const.js';

/** The organiser's first page: what comes, and the waiting rooms. */
export function OverviewPage({ app }: { app: ServiceApp }) {
  const { portal } = texts.value;
  const overview = useConst(() => new Resource(getOverview));
  useEffect(() => void overview.load(), [overview]);
  return (
    <Page
      app={app}
      title={portal.title}
      heading={portal.heading}
      aside={
        <a class="button button-primary" href="/portal/book">
          {portal.book}
        </a>
      }
    >
      <Fetched resource={overview}>
        {({ upcoming, rooms }) => (
          <div class="columns columns-aside">
            <section class="card" aria-labelledby="upcoming">
              <h2 id="upcoming">{portal.upcomingHeading}</h2>
              {upcoming.length === 0 ? (
                <p>{portal.noneUpcoming}</p>
              ) : (
                <MeetingList meetings={upcoming} heading="h3" />
              )}
              <p>
                <a href="/portal/earlier">{portal.earlier}</a>
              </p>
            </section>
            <section class="card" aria-labelledby="rooms">
              <h2 id="rooms">{portal.roomsHeading}</h2>
              {rooms.length === 0 && <p>{portal.noRooms}</p>}
              <ul class="list">
                {rooms.map((room) => (
                  <li key={room.id}>
                    <div class="list-head">
                      <span class="strong">{room.name}</span>
                      <span class="hint">{portal.seats(room.capacity)}</span>
                    </div>
                  </li>
                ))}
              </ul>
            </section>
          </div>
        )}
      </Fetched>
    </Page>
  );
}

const DAY_MS = 86_400_000;

/** What was, by period. */
export function EarlierPage({ app }: { app: ServiceApp }) {
  const { portal } = texts.value;
  const { from, to, form, meetings } = useConst(() => {
    const now = Date.now();
    const from = new Field('from', dayOf(new Date(now - 30 * DAY_MS)));
    const to = new Field('to', dayOf(new Date(now)));
    const meetings = new Resource(() => getMeetings(startOfDay(from.peek()), endOfDay(to.peek())));
    return { from, to, form: new Form(() => [from, to]), meetings };
  });
  useEffect(() => void meetings.load(), [meetings]);
  return (
    <Page app={app} title={portal.earlierHeading} heading={portal.earlierHeading} narrow>
      <FormFrame form={form} onSubmit={() => void form.submit(() => meetings.load())}>
        <div class="field-row">
          <TextField field={from} label={portal.from} type="date" />
          <TextField field={to} label={portal.to} type="date" />
        </div>
        <div class="actions">
          <SubmitButton form={form}>{portal.show}</SubmitButton>
          <a href="/portal">{portal.upcoming}</a>
        </div>
      </FormFrame>
      <section class="card" aria-label={portal.earlierHeading}>
        <Fetched resource={meetings}>
          {(found) =>
            found.length === 0 ? <p>{portal.noneEarlier}</p> : <MeetingList meetings={found} heading="h2" />
          }
        </Fetched>
      </section>
    </Page>
  );
}

/** `heading`: of each meeting, one below the heading above the list. */
function MeetingList({ meetings, heading }: { meetings: readonly MeetingView[]; heading: 'h2' | 'h3' }) {
  return (
    <ul class="list">
      {meetings.map((meeting) => (
        <MeetingLine key={meeting.id} meeting={meeting} Heading={heading} />
      ))}
    </ul>
  );
}

function MeetingLine({ meeting, Heading }: { meeting: MeetingView; Heading: 'h2' | 'h3' }) {
  const { portal, common } = texts.value;
  const { id, title, startsAt, durationMinutes, status, room, invitations, seriesId } = meeting;
  const open = status === 'planned' || status === 'open';
  return (
    <li>
      <div class="list-head">
        <span class="meeting-when">
          {shortDayText(startsAt)} {clockText(startsAt)}–{clockText(endOf(startsAt, durationMinutes))}
        </span>
        <StatusTag status={status} />
      </div>
      <Heading>{title}</Heading>
      <p class="hint">
        {common.kind[meeting.kind]} · {room.name} · {portal.invited(invitations.length)}
        {seriesId !== null && ` · ${portal.partOfSeries}`}
      </p>
      <div class="row">
        {open && (
          <a
            class="button button-small button-primary"
            href={meetingPath(id)}
            aria-label={portal.openOf(title)}
          >
            {portal.open}
          </a>
        )}
        <a class="button button-small" href={portalMeetingPath(id)} aria-label={portal.detailsOf(title)}>
          {portal.details}
        </a>
      </div>
    </li>
  );
}

export function StatusTag({ status }: { status: MeetingView['status'] }) {
  const tone = status === 'open' ? 'good' : status === 'cancelled' ? 'problem' : undefined;
  return <Tag tone={tone}>{texts.value.common.status[status]}</Tag>;
}

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { PortalOverview } from '../../../../shared/api.js';
import { bookMeeting, getOverview } from '../../api/portal-api.js';
import { Booking, STEPS } from '../../model/booking.js';
import { Resource } from '../../model/resource.js';
import { portalMeetingPath } from '../../model/route.js';
import type { ServiceApp } from '../../model/service-app.js';
import { texts } from '../../texts/texts.js';
import { Alert } from '../../components/alert.js';
import { Fetched, Steps } from '../../components/bits.js';
import { FormFrame, SubmitButton } from '../../components/form-frame.js';
import { Page } from '../../components/shell.js';
import { useConst } from '../../components/use-const.js';
import { SubjectStep, SuitabilityStep, TimeStep } from './booking-steps.js';
import { AddInvitee, PeopleStep } from './booking-people.js';
import { ReviewStep } from './booking-review.js';

/** Books a meeting, step by step. */
export function BookingPage({ app }: { app: ServiceApp }) {
  const { booking: words } = texts.value;
  const overview = useConst(() => new Resource(getOverview));
  useEffect(() => void overview.load(), [overview]);
  const possible = overview.value;
  const missing =
    possible === null
      ? null
      : possible.rooms.length === 0
        ? words.subject.noRoom
        : possible.meetingTypes.length === 0
          ? words.subject.noType
          : null;
  return (
    <Page app={app} title={words.title} heading={words.heading} narrow>
      <Fetched resource={overview}>
        {(value) =>
          missing === null ? (
            <BookingSteps app={app} overview={value} />
          ) : (
            <Alert tone="warning">
              <p>{missing}</p>
            </Alert>
          )
        }
      </Fetched>
    </Page>
  );
}

function BookingSteps({ app, overview }: { app: ServiceApp; overview: PortalOverview }) {
  const booking = useConst(() => new Booking(overview));
  const { booking: words, common } = texts.value;
  const now = booking.step.value;
  const step = STEPS[now];
  const form = booking.forms[step];
  const heading = useRef<HTMLHeadingElement>(null);
  const first = useSignal(true);
  useEffect(() => {
    // The page's own heading has the focus at first; each further step begins at its own.
    if (first.peek()) first.value = false;
    else heading.current?.focus();
  }, [now]);

  const go = (to: number): void => {
    booking.step.value = to;
  };
  const submit = (): void => {
    if (step !== 'review') {
      booking.next();
      return;
    }
    void form.submit(async () => {
      const meetings = await bookMeeting(booking.request());
      app.notices.news(meetings.length > 1 ? words.doneSeries(meetings.length) : words.doneHeading);
      app.router.go(meetings.length > 1 ? '/portal' : portalMeetingPath(meetings[0].id));
    });
  };
  const titles = {
    subject: words.subject.heading,
    suitability: words.suitability.heading,
    time: words.time.heading,
    people: words.people.heading,
    review: words.review.heading,
  };
  const blocked = step === 'suitability' && booking.refused.value;
  return (
    <div class="stack">
      <Steps label={words.stepsLabel} steps={words.steps} now={now} onGo={go} />
      <h2 ref={heading} tabIndex={-1}>
        <span class="unseen">{common.stepOf(now + 1, STEPS.length)}: </span>
        {titles[step]}
      </h2>
      {step === 'people' && <AddInvitee app={app} booking={booking} />}
      <FormFrame key={step} form={form} onSubmit={submit}>
        {step === 'subject' && <SubjectStep booking={booking} />}
        {step === 'suitability' && <SuitabilityStep app={app} booking={booking} />}
        {step === 'time' && <TimeStep booking={booking} />}
        {step === 'people' && <PeopleStep booking={booking} />}
        {step === 'review' && <ReviewStep booking={booking} onGo={go} />}
        <div class="actions">
          {!blocked && (
            <SubmitButton form={form}>{step === 'review' ? words.submit : words.next}</SubmitButton>
          )}
          {now > 0 && (
            <button type="button" class="button" onClick={() => go(now - 1)}>
              {words.previous}
            </button>
          )}
        </div>
      </FormFrame>
    </div>
  );
}

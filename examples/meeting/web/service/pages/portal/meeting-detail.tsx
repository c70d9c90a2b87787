import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { MeetingView } from '../../../../shared/api.js';
import { cancelMeeting, getMeeting, getOverview } from '../../api/portal-api.js';
import { momentText } from '../../model/dates.js';
import { failureText } from '../../model/failure-text.js';
import { waysOf } from '../../model/invitee-form.js';
import { asFailure, Resource } from '../../model/resource.js';
import { meetingPath } from '../../model/route.js';
import type { ServiceApp } from '../../model/service-app.js';
import { texts } from '../../texts/texts.js';
import { Tag } from '../../components/alert.js';
import { Facts, Failed, informationText, Loading } from '../../components/bits.js';
import { Confirm } from '../../components/confirm.js';
import { BackIcon } from '../../components/icons.js';
import { Page } from '../../components/shell.js';
import { useConst } from '../../components/use-const.js';
import { whenText } from '../visit/invitation.js';
import { InvitationLine } from './invitation-line.js';
import { ChangeForm, InviteSection } from './meeting-change.js';
import { StatusTag } from './overview.js';

/** One meeting of the organiser: what was decided, who is invited, and what can still be done about it. */
export function PortalMeetingPage({ app, id }: { app: ServiceApp; id: string }) {
  const { portal } = texts.value;
  const meeting = useConst(() => new Resource(() => getMeeting(id)));
  useEffect(() => void meeting.load(), [meeting]);
  const state = meeting.state.value;
  if (state.status === 'ready') return <Detail app={app} meeting={state.value} resource={meeting} />;
  return (
    <Page
      app={app}
      title={portal.meeting.title}
      heading={portal.meeting.title}
      before={<Back />}
      transient={state.status === 'loading'}
    >
      {state.status === 'loading' ? (
        <Loading />
      ) : (
        <Failed failure={state.failure} onRetry={() => void meeting.load()} />
      )}
    </Page>
  );
}

function Back() {
  return (
    <a class="back-link" href="/portal">
      <BackIcon />
      {texts.value.portal.heading}
    </a>
  );
}

interface DetailProps {
  app: ServiceApp;
  meeting: MeetingView;
  resource: Resource<MeetingView>;
}

function Detail({ app, meeting, resource }: DetailProps) {
  const { portal, common } = texts.value;
  const { meeting: words } = portal;
  const overview = useConst(() => new Resource(getOverview));
  useEffect(() => void overview.load(), [overview]);
  const ways = overview.value === null ? [] : waysOf(overview.value);
  const heading = useInvitationsFocus(meeting.invitations.length);
  const planned = meeting.status === 'planned' || meeting.status === 'open';
  return (
    <Page
      app={app}
      title={meeting.title}
      heading={meeting.title}
      before={<Back />}
      aside={
        planned ? (
          <a class="button button-primary" href={meetingPath(meeting.id)}>
            {portal.open}
          </a>
        ) : undefined
      }
    >
      <div class="row">
        <StatusTag status={meeting.status} />
        {meeting.seriesId !== null && <Tag>{portal.partOfSeries}</Tag>}
      </div>
      <div class="columns columns-aside">
        <div class="stack">
          <section class="card" aria-label={words.title}>
            <Facts
              rows={[
                [words.when, whenText(meeting.startsAt, meeting.durationMinutes)],
                [words.room, `${meeting.room.name} (${portal.seats(meeting.room.capacity)})`],
                [words.kind, common.kind[meeting.kind]],
                [words.organiser, meeting.organiser],
                [words.level, texts.value.visit.invitation.levelNeed[meeting.minimumAssurance]],
                [words.encryption, texts.value.booking.people.encryptionWords[meeting.endToEndEncryption]],
                [words.informationClass, informationText(meeting.informationClass)],
                [words.message, meeting.message === '' ? words.noMessage : meeting.message],
              ]}
            />
          </section>
          <section class="card" aria-labelledby="invitations">
            <h2 id="invitations" ref={heading} tabIndex={-1}>
              {words.invitationsHeading}
            </h2>
            {meeting.invitations.length === 0 ? (
              <p>{words.noInvitations}</p>
            ) : (
              <ul class="list">
                {meeting.invitations.map((entry) => (
                  <InvitationLine
                    key={entry.id}
                    app={app}
                    meeting={meeting}
                    entry={entry}
                    resource={resource}
                    mayChange={planned}
                    ways={ways}
                  />
                ))}
              </ul>
            )}
          </section>
        </div>
        <div class="stack">
          {planned && <InviteSection app={app} meeting={meeting} resource={resource} overview={overview} />}
          {planned && <ChangeForm app={app} meeting={meeting} resource={resource} />}
          <Assessment meeting={meeting} />
          {planned && <CancelSection app={app} meeting={meeting} resource={resource} />}
        </div>
      </div>
    </Page>
  );
}

/** When a line with the focus in it goes away, the heading of the list gets it. */
function useInvitationsFocus(count: number) {
  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef(count);
  useEffect(() => {
    if (count < before.current) heading.current?.focus();
    before.current = count;
  }, [count]);
  return heading;
}

function Assessment({ meeting: { assessment } }: { meeting: MeetingView }) {
  const { meeting: words } = texts.value.portal;
  const { deviation } = assessment;
  return (
    <section class="card" aria-labelledby="assessment">
      <h2 id="assessment">{words.assessmentHeading}</h2>
      <Facts
        rows={[
          [words.justification, assessment.justification],
          [
            words.deviation,
            deviation === null ? words.noDeviation : words.deviationBy(deviation.reason, deviation.decidedBy),
          ],
          [words.assessedBy, assessment.assessedBy],
          [words.assessedAt, momentText(assessment.assessedAt).slice(0, 16)],
        ]}
      />
    </section>
  );
}

function CancelSection({ app, meeting, resource }: DetailProps) {
  const { meeting: words } = texts.value.portal;
  const asked = useSignal<'one' | 'series' | null>(null);
  const cancel = async (): Promise<void> => {
    try {
      await cancelMeeting(meeting.id, asked.peek() === 'series');
      app.notices.news(words.cancelled);
      await resource.load();
    } catch (error) {
      app.notices.problem(failureText(asFailure(error)));
    }
  };
  return (
    <section class="stack stack-small" aria-label={words.cancel}>
      <div class="actions">
        <button type="button" class="button button-danger" onClick={() => (asked.value = 'one')}>
          {meeting.seriesId === null ? words.cancel : words.cancelOne}
        </button>
        {meeting.seriesId !== null && (
          <button type="button" class="button button-danger" onClick={() => (asked.value = 'series')}>
            {words.cancelSeries}
          </button>
        )}
      </div>
      {asked.value !== null && (
        <Confirm
          heading={words.cancelQuestion}
          action={asked.value === 'series' ? words.cancelSeries : words.cancel}
          keep={words.keep}
          onConfirm={cancel}
          onClose={() => (asked.value = null)}
        >
          <p>{words.cancelLead}</p>
        </Confirm>
      )}
    </section>
  );
}

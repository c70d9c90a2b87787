import { useSignal } from '@preact/signals';
import type { InvitationEntry, MeetingView } from '../../../../shared/api.js';
import { resendInvitation, revokeInvitation } from '../../api/portal-api.js';
import { failureText } from '../../model/failure-text.js';
import type { Via } from '../../model/invitee-form.js';
import { asFailure, type Resource } from '../../model/resource.js';
import type { ServiceApp } from '../../model/service-app.js';
import { texts } from '../../texts/texts.js';
import { Tag } from '../../components/alert.js';
import { copyText } from '../../components/bits.js';
import { Confirm } from '../../components/confirm.js';

interface Props {
  app: ServiceApp;
  meeting: MeetingView;
  entry: InvitationEntry;
  resource: Resource<MeetingView>;
  /** The meeting is neither over nor cancelled. */
  mayChange: boolean;
  /** How invitations can go out now. */
  ways: readonly Via[];
}

/** One invited person: how it stands with the invitation, the link, and the ways to send it again or take it back. */
export function InvitationLine({ app, meeting, entry, resource, mayChange, ways }: Props) {
  const { meeting: words } = texts.value.portal;
  const { common } = texts.value;
  const { name, delivery, sentTo, via, link, seriesLink } = entry;
  const sent = sentTo === null ? words.delivery[delivery] : words.sentTo(words.delivery[delivery], sentTo);
  return (
    <li>
      <div class="list-head">
        <div class="row">
          <span class="strong">{name}</span>
          <Tag>{common.role[entry.role]}</Tag>
          {entry.namesPerson && <Tag tone="good">{words.namesPerson}</Tag>}
        </div>
        <span>{common.state[entry.state]}</span>
      </div>
      {via !== 'link' && <p class={delivery === 'failed' ? 'field-error' : 'hint'}>{sent}</p>}
      {mayChange && (
        <div class="row">
          <button
            type="button"
            class="button button-small"
            aria-label={words.copyLinkOf(name)}
            onClick={() => copyText(link, app.notices, words.linkCopied(name))}
          >
            {words.copyLink}
          </button>
          {seriesLink !== undefined && (
            <button
              type="button"
              class="button button-small"
              aria-label={words.copySeriesLinkOf(name)}
              onClick={() => copyText(seriesLink, app.notices, words.linkCopied(name))}
            >
              {words.copySeriesLink}
            </button>
          )}
          {via !== 'link' && ways.includes(via) && (
            <Resend app={app} meeting={meeting} entry={entry} resource={resource} />
          )}
          <Revoke app={app} meeting={meeting} entry={entry} resource={resource} />
        </div>
      )}
    </li>
  );
}

type ActionProps = Omit<Props, 'mayChange' | 'ways'>;

function Resend({ app, meeting, entry, resource }: ActionProps) {
  const { meeting: words } = texts.value.portal;
  const busy = useSignal(false);
  const resend = async (): Promise<void> => {
    if (busy.value) return;
    busy.value = true;
    try {
      await resendInvitation(meeting.id, entry.id);
      app.notices.news(words.resent(entry.name));
      await resource.load();
    } catch (error) {
      app.notices.problem(failureText(asFailure(error)));
    } finally {
      busy.value = false;
    }
  };
  return (
    <button
      type="button"
      class="button button-small"
      aria-label={words.resendTo(entry.name)}
      aria-busy={busy.value}
      onClick={() => void resend()}
    >
      {words.resend}
    </button>
  );
}

function Revoke({ app, meeting, entry, resource }: ActionProps) {
  const { meeting: words } = texts.value.portal;
  const asked = useSignal(false);
  const wholeSeries = useSignal(false);
  const revoke = async (): Promise<void> => {
    try {
      resource.set(await revokeInvitation(meeting.id, entry.id, wholeSeries.peek()));
      app.notices.news(words.revoked(entry.name));
    } catch (error) {
      app.notices.problem(failureText(asFailure(error)));
    }
  };
  return (
    <>
      <button
        type="button"
        class="button button-small button-danger"
        aria-label={words.revokeOf(entry.name)}
        onClick={() => (asked.value = true)}
      >
        {words.revoke}
      </button>
      {asked.value && (
        <Confirm
          heading={words.revokeQuestion(entry.name)}
          action={words.revoke}
          keep={words.keepInvitation}
          onConfirm={revoke}
          onClose={() => (asked.value = false)}
        >
          <p>{words.revokeLead}</p>
          {meeting.seriesId !== null && (
            <label class="choice">
              <input
                type="checkbox"
                checked={wholeSeries.value}
                onChange={(event) => (wholeSeries.value = event.currentTarget.checked)}
              />
              <span>{words.wholeSeries}</span>
            </label>
          )}
        </Confirm>
      )}
    </>
  );
}

import { useEffect } from 'preact/hooks';
import type { AuditEntryView } from '../../../../shared/api.js';
import { auditExportPath, getAudit } from '../../api/admin-api.js';
import { dayOf, endOfDay, momentText, startOfDay } from '../../model/dates.js';
import { Field, Form } from '../../model/form.js';
import { Resource } from '../../model/resource.js';
import type { ServiceApp } from '../../model/service-app.js';
import { texts } from '../../texts/texts.js';
import { Alert } from '../../components/alert.js';
import { Fetched } from '../../components/bits.js';
import { TextField } from '../../components/fields.js';
import { FormFrame, SubmitButton } from '../../components/form-frame.js';
import { Page } from '../../components/shell.js';
import { useConst } from '../../components/use-const.js';

const DAY_MS = 86_400_000;

/** Who was let in, by whom; and whether anybody has touched the log. */
export function AuditPage({ app }: { app: ServiceApp }) {
  const { audit: words } = texts.value.admin;
  const { from, to, meeting, form, audit } = useConst(() => {
    const from = new Field('from', dayOf(new Date(Date.now() - 30 * DAY_MS)));
    const to = new Field('to', dayOf(new Date()));
    const meeting = new Field<string>('meeting', '');
    const audit = new Resource(() => getAudit(period()));
    const period = () => ({
      from: startOfDay(from.peek()),
      to: endOfDay(to.peek()),
      meeting: meeting.peek().trim(),
    });
    return { from, to, meeting, form: new Form(() => [from, to, meeting]), audit };
  });
  useEffect(() => void audit.load(), [audit]);
  return (
    <Page app={app} title={words.heading} heading={words.heading} lead={words.lead}>
      <FormFrame form={form} onSubmit={() => void form.submit(() => audit.load())}>
        <div class="field-row">
          <TextField field={from} label={words.from} type="date" />
          <TextField field={to} label={words.to} type="date" />
          <TextField field={meeting} label={words.meeting} optional />
        </div>
        <div class="actions">
          <SubmitButton form={form}>{words.show}</SubmitButton>
          <a
            class="button"
            download
            href={auditExportPath({
              from: startOfDay(from.value),
              to: endOfDay(to.value),
              meeting: meeting.value.trim(),
            })}
          >
            {words.export}
          </a>
        </div>
      </FormFrame>
      <Fetched resource={audit}>
        {({ entries, intact }) => (
          <>
            {intact ? (
              <Alert tone="good" role="status">
                <p>{words.intact}</p>
              </Alert>
            ) : (
              <Alert tone="problem" role="alert" heading={words.brokenHeading}>
                <p>{words.broken}</p>
              </Alert>
            )}
            <section class="card" aria-label={words.heading}>
              {entries.length === 0 ? <p>{words.none}</p> : <AuditTable entries={entries} />}
            </section>
          </>
        )}
      </Fetched>
    </Page>
  );
}

function AuditTable({ entries }: { entries: readonly AuditEntryView[] }) {
  const { audit: words } = texts.value.admin;
  return (
    <table class="table">
      <caption>{words.caption(entries.length)}</caption>
      <thead>
        <tr>
          <th scope="col">{words.sequence}</th>
          <th scope="col">{words.at}</th>
          <th scope="col">{words.action}</th>
          <th scope="col">{words.actor}</th>
          <th scope="col">{words.details}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.sequence}>
            <td data-label={words.sequence}>{entry.sequence}</td>
            <td data-label={words.at}>{momentText(entry.at)}</td>
            <th scope="row">{entry.action}</th>
            <td data-label={words.actor}>{entry.actor}</td>
            <td data-label={words.details}>{detailsText(entry)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function detailsText({ meetingId, details }: AuditEntryView): string {
  const all = meetingId === null ? details : { meeting: meetingId, ...details };
  return Object.entries(all)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join(', ');
}

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { auditExportPath } from '../../api/admin-api.js';
import { AuditLog } from '../../model/audit-log.js';
import { dayOf, endOfDay, startOfDay } from '../../model/dates.js';
import { failureText } from '../../model/failure-text.js';
import { Field, Form } from '../../model/form.js';
import { asFailure } from '../../model/resource.js';
import type { ServiceApp } from '../../model/service-app.js';
import { texts } from '../../texts/texts.js';
import { Alert } from '../../components/alert.js';
import { Fetched } from '../../components/bits.js';
import { TextField } from '../../components/fields.js';
import { FormFrame, SubmitButton } from '../../components/form-frame.js';
import { Page } from '../../components/shell.js';
import { useConst } from '../../components/use-const.js';
import { AuditTable } from './audit-table.js';

const DAY_MS = 86_400_000;

/** Who was let in, by whom; and whether anybody has touched the log. */
export function AuditPage({ app }: { app: ServiceApp }) {
  const { audit: words } = texts.value.admin;
  const { from, to, meeting, form, log, period } = useConst(() => {
    const from = new Field('from', dayOf(new Date(Date.now() - 30 * DAY_MS)));
    const to = new Field('to', dayOf(new Date()));
    const meeting = new Field<string>('meeting', '');
    const period = () => ({
      from: startOfDay(from.peek()),
      to: endOfDay(to.peek()),
      meeting: meeting.peek().trim(),
    });
    const log = new AuditLog(period());
    return { from, to, meeting, form: new Form(() => [from, to, meeting]), log, period };
  });
  useEffect(() => void log.load(period()), [log]);
  const only = (meetingId: string): void => {
    meeting.value = meetingId;
    void log.load(period());
  };
  return (
    <Page app={app} title={words.heading} heading={words.heading} lead={words.lead}>
      <FormFrame form={form} onSubmit={() => void form.submit(() => log.load(period()))}>
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
      <Fetched resource={log.page}>
        {({ entries, intact, nextBefore }) => (
          <>
            <Verdict app={app} log={log} intact={intact} />
            <section class="card" aria-label={words.heading}>
              {nextBefore !== null && (
                <div>
                  <button
                    type="button"
                    class="button button-small"
                    aria-busy={log.busy.value}
                    onClick={() => void tellFailure(app, () => log.older())}
                  >
                    {words.older}
                  </button>
                </div>
              )}
              {entries.length === 0 ? <p>{words.none}</p> : <AuditTable entries={entries} onMeeting={only} />}
            </section>
          </>
        )}
      </Fetched>
    </Page>
  );
}

/** Whether the chain is whole, as far as it was looked at now; and the way to have all of it looked at. */
function Verdict({ app, log, intact }: { app: ServiceApp; log: AuditLog; intact: boolean }) {
  const { audit: words } = texts.value.admin;
  const busy = useSignal(false);
  const verify = async (): Promise<void> => {
    if (busy.value) return;
    busy.value = true;
    await tellFailure(app, async () => {
      const { intact, entries } = await log.verify();
      if (intact) app.notices.news(texts.peek().admin.audit.verified(entries));
    });
    busy.value = false;
  };
  return (
    <div class="stack">
      {intact ? (
        <Alert tone="good" role="status">
          <p>{words.intact}</p>
        </Alert>
      ) : (
        <Alert tone="problem" role="alert" heading={words.brokenHeading}>
          <p>{words.broken}</p>
        </Alert>
      )}
      <div>
        <button
          type="button"
          class="button button-small"
          aria-busy={busy.value}
          onClick={() => void verify()}
        >
          {busy.value ? texts.value.common.busy : words.verify}
        </button>
      </div>
    </div>
  );
}

async function tellFailure(app: ServiceApp, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    app.notices.problem(failureText(asFailure(error)));
  }
}

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ParticipantView } from '../../../../shared/api.js';
import { clockText } from '../../model/dates.js';
import type { Participation } from '../../model/participation.js';
import type { ServiceApp } from '../../model/service-app.js';
import { texts } from '../../texts/texts.js';
import { Alert } from '../../components/alert.js';
import { Steps } from '../../components/bits.js';
import { Page } from '../../components/shell.js';
import { MeetingFacts } from './before.js';

/** Waiting: what place one has, whether the host is here, what comes next. */
export function WaitingPage({
  app,
  participation,
  me,
}: {
  app: ServiceApp;
  participation: Participation;
  me: ParticipantView;
}) {
  const { visit, failures } = texts.value;
  const { waiting: words } = visit;
  const leaving = useSignal(false);
  const leave = async (): Promise<void> => {
    if (leaving.value) return;
    leaving.value = true;
    await participation.leave().catch(() => participation.me.load());
    leaving.value = false;
  };
  return (
    <Page
      app={app}
      title={me.queuePlace === null ? words.title : `${words.placeShort(me.queuePlace)} – ${words.title}`}
      heading={words.heading}
      before={<Steps label={visit.stepsLabel} steps={visit.steps} now={3} />}
    >
      <div class="columns columns-aside">
        <div class="stack">
          {participation.stream.value === 'lost' && (
            <Alert tone="warning" role="status">
              <p>{failures.network}</p>
            </Alert>
          )}
          <section class="card" aria-label={words.title}>
            <div class="waiting-place">
              {me.queuePlace !== null && (
                <span class="number-large" aria-hidden="true">
                  {me.queuePlace}
                </span>
              )}
              <div class="stack stack-small">
                {me.queuePlace !== null && <p class="strong">{words.place(me.queuePlace)}</p>}
                <HostLine me={me} />
              </div>
            </div>
          </section>
          {me.notice !== null && (
            <section class="stack stack-small" aria-labelledby="notice-heading">
              <h2 id="notice-heading">{words.noticeHeading}</h2>
              <p class="message-box">{me.notice}</p>
            </section>
          )}
          <section class="stack stack-small" aria-labelledby="next-heading">
            <h2 id="next-heading">{words.nextHeading}</h2>
            <ol class="stack stack-small">
              {words.next.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ol>
          </section>
          <div class="actions">
            <button type="button" class="button" aria-busy={leaving.value} onClick={() => void leave()}>
              {words.leave}
            </button>
            <span class="hint">{words.leaveNote}</span>
          </div>
        </div>
        <aside class="stack">
          <section class="card" aria-labelledby="meeting-heading">
            <h2 id="meeting-heading">{me.title}</h2>
            <MeetingFacts me={me} />
          </section>
        </aside>
      </div>
    </Page>
  );
}

const MINUTE_MS = 60_000;

/** A host who is late is told of once the time has come. */
function HostLine({ me }: { me: ParticipantView }) {
  const { waiting: words } = texts.value.visit;
  const now = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => (now.value = Date.now()), MINUTE_MS / 4);
    return () => clearInterval(timer);
  }, []);
  if (me.hostPresent) return <p>{words.hostPresent}</p>;
  const late = now.value > Date.parse(me.startsAt) + MINUTE_MS;
  return <p>{late ? words.hostLateAfterStart(clockText(me.startsAt)) : words.hostLate}</p>;
}

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Assurance, InvitationView } from '../../../../shared/api.js';
import { type ApiFailure } from '../../api/failure.js';
import { claimInvitation, getInvitation } from '../../api/meeting-api.js';
import { clockText, dayText, endOf, moneyText } from '../../model/dates.js';
import { failureText } from '../../model/failure-text.js';
import { Identification } from '../../model/identification.js';
import { asFailure, Resource } from '../../model/resource.js';
import { meetingPath } from '../../model/route.js';
import type { ServiceApp } from '../../model/service-app.js';
import { localized, texts } from '../../texts/texts.js';
import { isTestProof } from '../../model/test-proof.js';
import { Alert, Tag } from '../../components/alert.js';
import { Facts, Failed, Loading, Steps } from '../../components/bits.js';
import { IdentificationView } from '../../components/identification-view.js';
import { Page, useMeetingSupport } from '../../components/shell.js';
import { useConst } from '../../components/use-const.js';
import { useFailedRedirect } from '../sign-in.js';

/** What an invitation is to, and the way in: identify, bind the invitation to that person, go on. */
export function InvitationPage({ app, token }: { app: ServiceApp; token: string }) {
  const { invitation: words } = texts.value.visit;
  const resource = useConst(() => new Resource(() => getInvitation(token)));
  useEffect(() => void resource.load(), [resource]);
  const state = resource.state.value;
  if (state.status === 'ready') return <Opened app={app} token={token} invitation={state.value} />;
  if (state.status === 'failed' && ['not-found', 'gone'].includes(state.failure.code)) {
    return (
      <Page app={app} title={words.title} heading={words.goneHeading} narrow>
        <p>{words.gone}</p>
        <div class="actions">
          <a class="button" href="/">
            {texts.value.common.home}
          </a>
        </div>
      </Page>
    );
  }
  return (
    <Page app={app} title={words.title} heading={words.heading} narrow transient={state.status === 'loading'}>
      {state.status === 'loading' ? (
        <Loading />
      ) : (
        <Failed failure={state.failure} onRetry={() => void resource.load()} />
      )}
    </Page>
  );
}

function Opened({ app, token, invitation }: { app: ServiceApp; token: string; invitation: InvitationView }) {
  const { visit } = texts.value;
  const { invitation: words } = visit;
  useMeetingSupport(app, invitation.support);
  const over = invitation.status === 'cancelled' || invitation.status === 'ended';
  const identification = useConst(
    () =>
      new Identification({
        purpose: { purpose: 'meeting', invitation: token },
        returnPath: `/i/${token}`,
        onComplete: () => void identified(),
      }),
  );
  useFailedRedirect(app, identification);
  /** Why the identified person may not have the invitation. */
  const refusal = useSignal<ApiFailure | null>(null);
  const claiming = useSignal(false);

  const claim = async (): Promise<void> => {
    if (claiming.value) return;
    claiming.value = true;
    refusal.value = null;
    try {
      const me = await claimInvitation(token);
      app.router.go(meetingPath(me.meetingId));
    } catch (error) {
      refusal.value = asFailure(error);
    } finally {
      claiming.value = false;
    }
  };
  const identified = async (): Promise<void> => {
    app.announcer.say(texts.peek().identify.complete);
    await app.session.load();
    await identification.cancel();
    await claim();
  };

  const identifying = identification.provider.value !== null;
  if (over) return <Over app={app} invitation={invitation} />;
  return (
    <Page
      app={app}
      title={words.title}
      heading={identifying ? visit.steps[1] : words.heading}
      before={<Steps label={visit.stepsLabel} steps={visit.steps} now={identifying ? 1 : 0} />}
    >
      <div class="columns columns-aside">
        <div class="stack">
          {refusal.value !== null && (
            <Alert tone="problem" role="alert" heading={words.refusedHeading}>
              <p>{failureText(refusal.value)}</p>
            </Alert>
          )}
          {!identifying && <InvitationCard invitation={invitation} />}
          <WhoYouAre
            app={app}
            invitation={invitation}
            onGoOn={() => void claim()}
            busy={claiming.value}
            refused={refusal.value !== null}
          >
            <IdentificationView identification={identification} />
          </WhoYouAre>
        </div>
        <aside class="stack">
          <Alert tone="info" heading={words.encryption}>
            <p>{words.encrypted[invitation.endToEndEncryption]}</p>
          </Alert>
          {app.session.person.value === null && <p>{words.next}</p>}
          <p>
            <a href="/test">{texts.value.common.testDevice}</a>
          </p>
        </aside>
      </div>
    </Page>
  );
}

function InvitationCard({ invitation }: { invitation: InvitationView }) {
  const { invitation: words } = texts.value.visit;
  return (
    <section class="card" aria-label={words.title}>
      <InvitationFacts invitation={invitation} />
    </section>
  );
}

function InvitationFacts({ invitation }: { invitation: InvitationView }) {
  const { common, visit } = texts.value;
  const { invitation: words } = visit;
  const { organiser, organisation, startsAt, durationMinutes, role, minimumAssurance, payment } = invitation;
  const money = payment === null ? null : payment.paid ? words.paid : words.pay(moneyText(payment));
  return (
    <Facts
      rows={[
        [words.with, `${organiser}, ${organisation}`],
        [words.when, whenText(startsAt, durationMinutes)],
        [words.yourRole, common.role[role]],
        [words.level, words.levelNeed[minimumAssurance]],
        [words.payHeading, money],
      ]}
    />
  );
}

export function whenText(startsAt: string, durationMinutes: number): string {
  const day = dayText(startsAt);
  return texts.value.common.between(day, clockText(startsAt), clockText(endOf(startsAt, durationMinutes)));
}

/** Somebody who is identified already need not be so again, when the level will do. */
function WhoYouAre({
  app,
  invitation,
  onGoOn,
  busy,
  refused,
  children,
}: {
  app: ServiceApp;
  invitation: InvitationView;
  onGoOn: () => void;
  busy: boolean;
  /** It was tried with this identity: another one, or another invitation, is what helps. */
  refused: boolean;
  children: preact.ComponentChildren;
}) {
  const { invitation: words } = texts.value.visit;
  const again = useSignal(false);
  const person = app.session.person.value;
  if (person === null || again.value) return <>{children}</>;
  const enough = LEVELS.indexOf(person.assurance) >= LEVELS.indexOf(invitation.minimumAssurance);
  return (
    <section class="stack">
      <p>{words.already(person.name, localized(person.providerLabel))}</p>
      {isTestProof(person) && <Tag tone="warning">{texts.value.common.testProof}</Tag>}
      {!enough && (
        <Alert tone="warning">
          <p>{words.tooLow}</p>
        </Alert>
      )}
      <div class="actions">
        {enough && (
          <button
            type="button"
            class={refused ? 'button' : 'button button-primary button-large'}
            aria-busy={busy}
            onClick={onGoOn}
          >
            {busy ? texts.value.common.busy : words.goOn}
          </button>
        )}
        <button type="button" class="button" onClick={() => (again.value = true)}>
          {words.notYou}
        </button>
      </div>
    </section>
  );
}

const LEVELS: readonly Assurance[] = ['low', 'substantial', 'high'];

function Over({ app, invitation }: { app: ServiceApp; invitation: InvitationView }) {
  const { invitation: words } = texts.value.visit;
  const cancelled = invitation.status === 'cancelled';
  return (
    <Page
      app={app}
      title={words.title}
      heading={cancelled ? words.cancelledHeading : words.endedHeading}
      narrow
    >
      <p>{cancelled ? words.cancelled : words.ended}</p>
      <section class="card" aria-label={words.title}>
        <InvitationFacts invitation={invitation} />
      </section>
    </Page>
  );
}

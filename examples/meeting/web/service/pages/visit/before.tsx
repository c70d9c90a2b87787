import { useEffect } from 'preact/hooks';
import type { ParticipantView } from '../../../../shared/api.js';
import { moneyText } from '../../model/dates.js';
import { Field, Form } from '../../model/form.js';
import type { LobbyControl } from '../../model/lobby-control.js';
import type { Participation } from '../../model/participation.js';
import { canEncryptEndToEnd, Readiness } from '../../model/readiness.js';
import type { ServiceApp } from '../../model/service-app.js';
import { texts } from '../../texts/texts.js';
import { Alert } from '../../components/alert.js';
import { Facts, informationText, Steps } from '../../components/bits.js';
import { CheckListView } from '../../components/check-list.js';
import { DevicePanel, Preview } from '../../components/device-panel.js';
import { CheckField } from '../../components/fields.js';
import { FormFrame, SubmitButton } from '../../components/form-frame.js';
import { LobbyPanel } from '../../components/lobby-panel.js';
import { Page } from '../../components/shell.js';
import { useConst } from '../../components/use-const.js';
import { whenText } from './invitation.js';

const FORM_ID = 'before';

interface Props {
  app: ServiceApp;
  participation: Participation;
  me: ParticipantView;
  lobby: LobbyControl;
  onEnter: () => void;
}

/** Getting ready: devices, name, an undisturbed place; hosts see the waiting room beside it. */
export function BeforePage({ app, participation, me, lobby, onEnter }: Props) {
  const { before: words, steps, stepsLabel } = texts.value.visit;
  const host = me.role === 'host';
  const again = me.state === 'admitted';
  const readiness = useConst(() => new Readiness());
  const { undisturbed, form } = useConst(beforeForm);
  useEffect(() => {
    void app.media.start();
    if (!host) void participation.loadPayment();
  }, []);

  const canNot = me.endToEndEncryption === 'required' && !canEncryptEndToEnd();
  const showsLobby = host && !canNot && lobby.view.value !== null;
  const payment = participation.payment.value;
  const mustPay = payment !== null && !payment.paid;
  const goOn = async (): Promise<void> => {
    const arrived = await form.submit(async () => {
      if (me.state !== 'admitted') await participation.wait();
    });
    if (arrived) onEnter();
  };
  const goOnWords = host ? hostWords(again, lobby) : again ? words.joinAgain : words.toWaitingRoom;

  return (
    <Page
      app={app}
      title={words.title}
      heading={words.heading}
      before={host ? undefined : <Steps label={stepsLabel} steps={steps} now={2} />}
    >
      <div class="columns columns-aside">
        <div class="stack">
          {canNot && (
            <Alert tone="problem" heading={words.noEncryptionHeading}>
              <p>{words.noEncryption}</p>
            </Alert>
          )}
          {showsLobby && (
            <div class="card">
              <LobbyPanel control={lobby} before={{ arrived: again, formId: FORM_ID, action: goOnWords }} />
            </div>
          )}
          {mustPay && <PaySection participation={participation} amount={moneyText(payment)} />}
          {payment?.paid === true && (
            <Alert tone="good">
              <p>{words.paid}</p>
            </Alert>
          )}
          <FormFrame form={form} id={FORM_ID} onSubmit={() => void goOn()}>
            <section class="card" aria-labelledby="devices">
              <h2 id="devices">{words.devicesHeading}</h2>
              <Preview camera={app.media.camera} />
              <DevicePanel media={app.media} />
              <p class="hint">{words.withoutDevices}</p>
            </section>
            {!canNot && !mustPay && (
              <>
                <section class="card" aria-labelledby="undisturbed-heading">
                  <h2 id="undisturbed-heading">{words.undisturbedHeading}</h2>
                  <p>{words.undisturbedLead}</p>
                  <CheckField field={undisturbed} label={words.undisturbedLabel} />
                </section>
                <div class="actions">
                  <SubmitButton form={form} large secondary={showsLobby}>
                    {goOnWords}
                  </SubmitButton>
                </div>
              </>
            )}
          </FormFrame>
        </div>
        <aside class="stack">
          <section class="card" aria-labelledby="meeting-heading">
            <h2 id="meeting-heading">{me.title}</h2>
            <MeetingFacts me={me} />
            {me.message !== '' && (
              <div class="stack stack-small">
                <h3>{texts.value.visit.invitation.messageHeading}</h3>
                <p class="message-box">{me.message}</p>
              </div>
            )}
          </section>
          <section class="card" aria-labelledby="checks-heading">
            <h2 id="checks-heading">{words.checksHeading}</h2>
            <CheckListView readiness={readiness} />
          </section>
        </aside>
      </div>
    </Page>
  );
}

export function MeetingFacts({ me }: { me: ParticipantView }) {
  const { visit, common } = texts.value;
  return (
    <Facts
      rows={[
        [visit.invitation.with, me.organisation],
        [visit.invitation.when, whenText(me.startsAt, me.durationMinutes)],
        [visit.before.shownName, me.displayName],
        [visit.invitation.yourRole, common.role[me.role]],
        [visit.before.informationClass, me.role === 'host' ? informationText(me.informationClass) : null],
      ]}
    />
  );
}

/** The first host starts the meeting; others, and those who were in it, go in. */
function hostWords(again: boolean, lobby: LobbyControl): string {
  const { before } = texts.value.visit;
  if (!lobby.hostIsIn.value) return before.startMeeting;
  return again ? before.joinAgain : before.join;
}

function beforeForm() {
  const undisturbed = new Field('undisturbed', false, (yes) =>
    yes ? null : () => texts.value.visit.before.undisturbedMissing,
  );
  return { undisturbed, form: new Form(() => [undisturbed]) };
}

/** Paid on the payment service's own page; the browser comes back here. */
function PaySection({ participation, amount }: { participation: Participation; amount: string }) {
  const { before: words } = texts.value.visit;
  const form = useConst(() => new Form(() => []));
  const pay = (): void =>
    void form.submit(async () => {
      location.assign(await participation.pay());
    });
  return (
    <section class="card" aria-labelledby="pay-heading">
      <h2 id="pay-heading">{words.payHeading}</h2>
      <p>{words.payLead(amount)}</p>
      <FormFrame form={form} onSubmit={pay}>
        <div class="actions">
          <SubmitButton form={form}>{words.pay(amount)}</SubmitButton>
        </div>
      </FormFrame>
    </section>
  );
}

import { useComputed, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Assurance, EidOrderView, EidProviderView } from '../../../shared/api.js';
import { emailAddress, filled, personalNumber, plainNumber } from '../model/checks.js';
import { Field, Form } from '../model/form.js';
import { type Identification, isMobile } from '../model/identification.js';
import { localized, texts } from '../texts/texts.js';
import { Alert } from './alert.js';
import { Fetched } from './bits.js';
import { RadioField, SelectField, TextField } from './fields.js';
import { FormFrame, SubmitButton } from './form-frame.js';
import { AppIcon, ArrowIcon, CardIcon, FlaskIcon, LetterIcon } from './icons.js';
import { useConst } from './use-const.js';

/** The whole identification: the choice of the e-ID first, then what that one asks for. */
export function IdentificationView({ identification }: { identification: Identification }) {
  const provider = identification.provider.value;
  useEffect(() => {
    void identification.open();
    return () => identification.close();
  }, [identification]);
  return (
    <div class="stack">
      <p class="unseen" role="status">
        {identification.message.value}
      </p>
      {provider === null ? (
        <ProviderChoice identification={identification} />
      ) : (
        <Chosen key={provider.id} identification={identification} provider={provider} />
      )}
    </div>
  );
}

function ProviderChoice({ identification }: { identification: Identification }) {
  const { choose } = texts.value.identify;
  return (
    <section class="stack" aria-labelledby="choose-heading">
      <h2 id="choose-heading">{choose.heading}</h2>
      <FailureBox identification={identification} />
      <Fetched resource={identification.providers}>
        {(providers) =>
          providers.length === 0 ? (
            <Alert tone="warning">
              <p>{choose.none}</p>
            </Alert>
          ) : (
            <ul class="provider-list">
              {providers.map((provider) => (
                <li key={provider.id}>
                  <ProviderButton provider={provider} onChoose={() => identification.choose(provider)} />
                </li>
              ))}
            </ul>
          )
        }
      </Fetched>
    </section>
  );
}

const flowIcons = { app: AppIcon, redirect: CardIcon, code: LetterIcon, form: FlaskIcon };

function ProviderButton({ provider, onChoose }: { provider: EidProviderView; onChoose: () => void }) {
  const { choose } = texts.value.identify;
  const { common } = texts.value;
  const FlowIcon = flowIcons[provider.flow];
  const note = provider.isTest
    ? choose.testNote
    : provider.flow === 'code'
      ? choose.codeNote
      : choose.level(common.assuranceShort[provider.assurance]);
  return (
    <button type="button" class={provider.isTest ? 'provider provider-test' : 'provider'} onClick={onChoose}>
      <FlowIcon />
      <span>
        <span class="provider-name">{localized(provider.label)}</span>
        <span class="hint">{note}</span>
      </span>
      <ArrowIcon />
    </button>
  );
}

function Chosen({ identification, provider }: { identification: Identification; provider: EidProviderView }) {
  const { identify } = texts.value;
  const failed = identification.failure.value !== null;
  const again = (): void => {
    if (provider.flow === 'app' || provider.flow === 'redirect') void identification.start();
    else identification.failure.value = null;
  };
  return (
    <section class="card" aria-labelledby="chosen-heading">
      <h2 id="chosen-heading" tabIndex={-1} ref={focusOnce}>
        {provider.flow === 'form' ? identify.form.heading : identify.app.heading(localized(provider.label))}
      </h2>
      <FailureBox identification={identification} />
      {failed && (provider.flow === 'app' || provider.flow === 'redirect') ? (
        <div class="actions">
          <button type="button" class="button button-primary" onClick={again}>
            {identify.again}
          </button>
        </div>
      ) : (
        <Flow identification={identification} provider={provider} />
      )}
      <div class="actions">
        <button type="button" class="button" onClick={() => void identification.cancel()}>
          {failed || provider.flow === 'form' ? identify.otherWay : identify.cancel}
        </button>
      </div>
    </section>
  );
}

/** What was pressed is gone: the focus goes on to what came. */
function focusOnce(element: HTMLElement | null): void {
  if (element !== null && element.dataset.focused === undefined) {
    element.dataset.focused = 'yes';
    element.focus();
  }
}

function FailureBox({ identification }: { identification: Identification }) {
  const failure = identification.failure.value;
  if (failure === null) return null;
  return (
    <Alert tone="problem" role="alert" heading={texts.value.identify.failedHeading}>
      <p>{failure()}</p>
    </Alert>
  );
}

function Flow({ identification, provider }: { identification: Identification; provider: EidProviderView }) {
  switch (provider.flow) {
    case 'app':
      return <AppFlow identification={identification} provider={provider} />;
    case 'redirect':
      return <RedirectFlow identification={identification} provider={provider} />;
    case 'code':
      return <CodeFlow identification={identification} />;
    case 'form':
      return <TestFlow identification={identification} />;
  }
}

function AppFlow({
  identification,
  provider,
}: {
  identification: Identification;
  provider: EidProviderView;
}) {
  const { app: words } = texts.value.identify;
  const name = localized(provider.label);
  const order = identification.order.value;
  if (order === null) return <Busy />;
  const launch = isMobile() ? order.launch?.mobile : order.launch?.desktop;
  return (
    <div class="stack">
      <p class="status-line">
        <span class="waiting-mark" />
        {localized(order.message)}
      </p>
      {identification.sameDevice.value ? (
        launch !== undefined && (
          <div class="stack stack-small">
            <a class="button button-primary button-large" href={launch}>
              <AppIcon />
              {words.open(name)}
            </a>
            <p class="hint">{words.openHelp}</p>
          </div>
        )
      ) : (
        <QrCode order={order} name={name} />
      )}
      <div>
        <button
          type="button"
          class="button button-quiet"
          onClick={() => void identification.switchDevice(!identification.sameDevice.value)}
        >
          {identification.sameDevice.value ? words.useQr : words.useThisDevice}
        </button>
      </div>
    </div>
  );
}

/** As a picture of its own: nothing of what the server draws becomes part of this page. */
function QrCode({ order, name }: { order: EidOrderView; name: string }) {
  const { app: words } = texts.value.identify;
  if (order.qrSvg === undefined) return null;
  return (
    <div class="columns columns-two">
      <div class="qr">
        <img src={`data:image/svg+xml,${encodeURIComponent(order.qrSvg)}`} alt={words.qrAlt(name)} />
      </div>
      <div class="stack stack-small">
        <h3>{words.qrHeading}</h3>
        <ol class="stack stack-small">
          {words.qrSteps(name).map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
        <p class="hint">{words.qrHelp}</p>
      </div>
    </div>
  );
}

function RedirectFlow({
  identification,
  provider,
}: {
  identification: Identification;
  provider: EidProviderView;
}) {
  const { redirect } = texts.value.identify;
  const name = localized(provider.label);
  const order = identification.order.value;
  return (
    <div class="stack">
      <p>{redirect.lead(name)}</p>
      {order?.redirectUrl === undefined ? (
        <Busy />
      ) : (
        <a class="button button-primary" href={order.redirectUrl}>
          {redirect.go(name)}
        </a>
      )}
    </div>
  );
}

function CodeFlow({ identification }: { identification: Identification }) {
  const { code: words } = texts.value.identify;
  const order = identification.order.value;
  const ask = useConst(() => {
    const email = new Field<string>(
      'email',
      '',
      emailAddress(() => texts.value.identify.code.emailMissing),
    );
    return { email, form: new Form(() => [email]) };
  });
  const answer = useConst(() => {
    const code = new Field<string>(
      'code',
      '',
      filled(() => texts.value.identify.code.codeMissing),
    );
    return { code, form: new Form(() => [code]) };
  });
  const attempts = useSignal(order?.attemptsLeft);
  if (order?.codeSentTo === undefined) {
    return (
      <FormFrame
        form={ask.form}
        onSubmit={() =>
          void ask.form.submit(async () => {
            await identification.start({ email: ask.email.peek().trim() });
          })
        }
      >
        <p>{words.emailLead}</p>
        <TextField
          field={ask.email}
          label={words.emailLabel}
          type="email"
          autocomplete="email"
          size="medium"
        />
        <div class="actions">
          <SubmitButton form={ask.form}>{words.send}</SubmitButton>
        </div>
      </FormFrame>
    );
  }
  const confirm = async (): Promise<void> => {
    const before = order.attemptsLeft;
    await answer.form.submit(async () => {
      await identification.submitCode(plainNumber(answer.code.peek()));
      const after = identification.order.peek();
      attempts.value = after?.attemptsLeft;
      if (after?.state !== 'pending' || after.attemptsLeft === undefined || after.attemptsLeft === before)
        return;
      const left = after.attemptsLeft;
      answer.code.reset('');
      answer.code.refuse(() => texts.value.identify.code.attemptsLeft(left));
      answer.form.refusals.value++;
    });
  };
  return (
    <FormFrame form={answer.form} onSubmit={() => void confirm()}>
      <p>{words.sentTo(order.codeSentTo)}</p>
      <TextField
        field={answer.code}
        label={words.codeLabel}
        hint={words.codeHint}
        autocomplete="one-time-code"
        inputMode="numeric"
        size="code"
      />
      <div class="actions">
        <SubmitButton form={answer.form}>{words.confirm}</SubmitButton>
      </div>
    </FormFrame>
  );
}

/** Invented. The first is the organiser that a fresh service begins with. */
const TEST_PEOPLE = [
  { name: 'Anna Andersson', personalNumber: '198001012387' },
  { name: 'Karin Karlsson', personalNumber: '199001012385' },
  { name: 'Erik Eriksson', personalNumber: '197001012382' },
] as const;

/** Claims without proof: for development alone, and says so. */
function TestFlow({ identification }: { identification: Identification }) {
  const { form: words, ...identify } = texts.value.identify;
  const { common } = texts.value;
  const fields = useConst(() => {
    const preset = new Field<string>('test-person', TEST_PEOPLE[0].personalNumber);
    const name = new Field<string>(
      'name',
      '',
      filled(() => texts.value.identify.form.nameMissing),
    );
    const number = new Field<string>(
      'personal-number',
      '',
      personalNumber(() => texts.value.identify.form.personalNumberWrong),
    );
    const level = new Field<Assurance | null>('assurance', 'substantial');
    const form = new Form(() => (preset.value === 'other' ? [preset, name, number, level] : [preset, level]));
    return { preset, name, number, level, form };
  });
  const { preset, name, number, level, form } = fields;
  const other = useComputed(() => preset.value === 'other').value;
  const submit = (): void =>
    void form.submit(async () => {
      const person = TEST_PEOPLE.find(({ personalNumber }) => personalNumber === preset.peek()) ?? {
        name: name.peek().trim(),
        personalNumber: plainNumber(number.peek()),
      };
      await identification.start({
        claim: {
          name: person.name,
          personalNumber: person.personalNumber,
          assurance: level.peek() ?? 'substantial',
        },
      });
    });
  return (
    <FormFrame form={form} onSubmit={submit}>
      <Alert tone="warning">
        <p>{words.warning}</p>
      </Alert>
      {identification.order.value?.state === 'pending' && (
        <p class="status-line">
          <span class="waiting-mark" /> {identify.pending}
        </p>
      )}
      <SelectField
        field={preset}
        label={words.preset}
        choices={[
          ...TEST_PEOPLE.map(({ name, personalNumber }) => ({
            value: personalNumber,
            label: name,
          })),
          { value: 'other', label: words.other },
        ]}
      />
      {other && (
        <>
          <TextField field={name} label={words.name} size="medium" />
          <TextField
            field={number}
            label={words.personalNumber}
            hint={words.personalNumberHint}
            inputMode="numeric"
            size="medium"
          />
        </>
      )}
      <RadioField
        field={level}
        label={words.level}
        choices={(['low', 'substantial', 'high'] as const).map((value) => ({
          value,
          label: common.assuranceShort[value],
        }))}
      />
      <div class="actions">
        <SubmitButton form={form}>{words.submit}</SubmitButton>
      </div>
    </FormFrame>
  );
}

function Busy() {
  return (
    <p class="status-line">
      <span class="waiting-mark" />
      {texts.value.common.busy}
    </p>
  );
}

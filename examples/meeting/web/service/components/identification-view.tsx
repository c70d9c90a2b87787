import type { ComponentChild } from 'preact';
import { useEffect } from 'preact/hooks';
import type { EidProviderView } from '../../../shared/api.js';
import type { Identification } from '../model/identification.js';
import { localized, texts } from '../texts/texts.js';
import { Alert, Tag } from './alert.js';
import { Fetched } from './bits.js';
import { AppIcon, ArrowIcon, CardIcon, FlaskIcon, LetterIcon } from './icons.js';
import { AppFlow, RedirectFlow } from './identification-app.js';
import { CodeFlow } from './identification-code.js';
import { TestFlow } from './identification-test.js';

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
        <span class="provider-name">
          {localized(provider.label)} {provider.isTest && <Tag tone="warning">{common.testOnly}</Tag>}
        </span>
        <span class="hint">{note}</span>
      </span>
      <ArrowIcon />
    </button>
  );
}

function Chosen({ identification, provider }: { identification: Identification; provider: EidProviderView }) {
  const { identify, common } = texts.value;
  const failed = identification.failure.value !== null;
  /** Nothing to fill in here: it begins by itself, and is begun anew by a button. */
  const app = provider.flow === 'app' || provider.flow === 'redirect';
  const wayOut = (
    <button type="button" class="button" onClick={() => void identification.cancel()}>
      {failed || provider.flow === 'form' ? identify.otherWay : identify.cancel}
    </button>
  );
  return (
    <section class="card" aria-labelledby="chosen-heading">
      <div class="row">
        <h2 id="chosen-heading" tabIndex={-1} ref={focusOnce}>
          {app ? identify.app.heading(localized(provider.label)) : localized(provider.label)}
        </h2>
        {provider.isTest && <Tag tone="warning">{common.testOnly}</Tag>}
      </div>
      <FailureBox identification={identification} />
      {failed && app ? (
        <div class="actions">
          <button type="button" class="button button-primary" onClick={() => void identification.start()}>
            {identify.again}
          </button>
          {wayOut}
        </div>
      ) : (
        <Flow identification={identification} provider={provider} wayOut={wayOut} />
      )}
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

interface FlowProps {
  identification: Identification;
  provider: EidProviderView;
  wayOut: ComponentChild;
}

function Flow({ identification, provider, wayOut }: FlowProps) {
  switch (provider.flow) {
    case 'app':
      return <AppFlow identification={identification} provider={provider} wayOut={wayOut} />;
    case 'redirect':
      return <RedirectFlow identification={identification} provider={provider} wayOut={wayOut} />;
    case 'code':
      return <CodeFlow identification={identification} wayOut={wayOut} />;
    case 'form':
      return <TestFlow identification={identification} wayOut={wayOut} />;
  }
}

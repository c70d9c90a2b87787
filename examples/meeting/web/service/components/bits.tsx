/** Small things that many pages use. */
import type { ComponentChildren } from 'preact';
import type { InformationClass, VerifiedPerson } from '../../../shared/api.js';
import type { Notices } from '../../meeting/model/notices.js';
import type { ApiFailure } from '../api/failure.js';
import { failureText } from '../model/failure-text.js';
import type { Resource } from '../model/resource.js';
import { localized, texts } from '../texts/texts.js';
import { Alert } from './alert.js';

/** Shows the fetched thing, or that it is on its way, or why it did not come with a button to try again. */
export function Fetched<T>({
  resource,
  children,
}: {
  resource: Resource<T>;
  children: (value: T) => ComponentChildren;
}) {
  const state = resource.state.value;
  switch (state.status) {
    case 'loading':
      return <Loading />;
    case 'failed':
      return <Failed failure={state.failure} onRetry={() => void resource.load()} />;
    case 'ready':
      return <>{children(state.value)}</>;
  }
}

export function Loading() {
  return (
    <p class="status-line" role="status">
      <span class="waiting-mark" />
      {texts.value.common.loading}
    </p>
  );
}

export function Failed({ failure, onRetry }: { failure: ApiFailure; onRetry: () => void }) {
  return (
    <Alert tone="problem" role="alert">
      <p>{failureText(failure)}</p>
      <p>
        <button type="button" class="button button-small" onClick={onRetry}>
          {texts.value.common.retry}
        </button>
      </p>
    </Alert>
  );
}

export type FactRow = readonly [label: string, value: ComponentChildren];

/** Rows whose value is null are left out. */
export function Facts({ rows }: { rows: readonly FactRow[] }) {
  return (
    <dl class="facts">
      {rows
        .filter(([, value]) => value !== null)
        .map(([label, value]) => (
          <>
            <dt key={`${label}-label`}>{label}</dt>
            <dd key={label}>{value}</dd>
          </>
        ))}
    </dl>
  );
}

/** The way through a flow; `now` counts from 0. */
export function Steps({
  label,
  steps,
  now,
  onGo,
}: {
  label: string;
  steps: readonly string[];
  now: number;
  onGo?: (step: number) => void;
}) {
  const { common } = texts.value;
  return (
    <nav aria-label={label}>
      <ol class="steps">
        {steps.map((step, index) => (
          <li
            key={index}
            class={index < now ? 'step step-done' : index === now ? 'step step-now' : 'step'}
            aria-current={index === now ? 'step' : undefined}
          >
            <span class="step-words">
              {index < now && onGo !== undefined ? (
                <button type="button" onClick={() => onGo(index)}>
                  {step}
                </button>
              ) : (
                step
              )}
              {index < now && <span class="unseen"> ({common.stepDone})</span>}
            </span>
          </li>
        ))}
      </ol>
    </nav>
  );
}

export function informationText({ confidentiality, integrity, availability }: InformationClass): string {
  return texts.value.booking.information.summary(confidentiality, integrity, availability);
}

export function verifiedText({ providerLabel, assurance }: VerifiedPerson): string {
  const { lobby, common } = texts.value;
  return lobby.verifiedBy(localized(providerLabel), common.assuranceShort[assurance]);
}

/** The page's short messages; each new one is spoken. */
export function NoticeList({ notices }: { notices: Notices }) {
  return (
    <div class="notices" role="log" aria-live="polite" aria-relevant="additions">
      {notices.shown.value.map(({ id, kind, text }) => (
        <p key={id} class={kind === 'problem' ? 'notice notice-problem' : 'notice'}>
          <span>{text}</span>
          {kind === 'problem' && (
            <button type="button" class="button button-small" onClick={() => notices.dismiss(id)}>
              {texts.value.common.close}
            </button>
          )}
        </p>
      ))}
    </div>
  );
}

/** Copies, and tells whether it worked. */
export function copyText(text: string, notices: Notices, done: string): void {
  // Absent on insecure origins.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  const copied = clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
  copied.then(
    () => notices.news(done),
    () => notices.problem(texts.peek().common.notCopied),
  );
}

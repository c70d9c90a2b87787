import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Form } from '../model/form.js';
import { texts } from '../texts/texts.js';
import { Alert } from './alert.js';

interface Props {
  form: Form;
  /** For buttons that stand outside of it. */
  id?: string;
  onSubmit: () => void;
  children: ComponentChildren;
}

/** A form with the summary of what is wrong on top of it. */
export function FormFrame({ form, id, onSubmit, children }: Props) {
  const submit = (event: Event): void => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form id={id} class="form" onSubmit={submit} noValidate>
      <ErrorSummary form={form} />
      {children}
    </form>
  );
}

/** Takes the focus when an attempt was refused; each line leads to its field. */
export function ErrorSummary({ form }: { form: Form }) {
  const box = useRef<HTMLDivElement>(null);
  const refusals = form.refusals.value;
  const seen = useRef(refusals);
  useLayoutEffect(() => {
    if (refusals === seen.current) return;
    seen.current = refusals;
    box.current?.focus();
  }, [refusals]);
  const errors = form.errors.value;
  const problem = form.problem.value;
  if (errors.length === 0 && problem === null) return null;
  const { common } = texts.value;
  return (
    <div ref={box} tabIndex={-1} role="group" aria-labelledby="error-summary">
      <Alert tone="problem">
        <h2 id="error-summary">{errors.length > 0 ? common.problemsCount(errors.length) : common.problem}</h2>
        {problem !== null && <p>{problem()}</p>}
        {errors.length > 0 && (
          <ul>
            {errors.map(({ id, message }) => (
              <li key={id}>
                <a href={`#${id}`} onClick={(event) => focusField(event, id)}>
                  {message()}
                </a>
              </li>
            ))}
          </ul>
        )}
      </Alert>
    </div>
  );
}

export function SubmitButton({
  form,
  large = false,
  secondary = false,
  children,
}: {
  form: Form;
  large?: boolean;
  /** The same stands elsewhere on the page, and there it is the first thing to do. */
  secondary?: boolean;
  children: ComponentChildren;
}) {
  const busy = form.busy.value;
  return (
    <button
      type="submit"
      class={`button${secondary ? '' : ' button-primary'}${large ? ' button-large' : ''}`}
      aria-busy={busy}
    >
      {busy ? texts.value.common.busy : children}
    </button>
  );
}

function focusField(event: Event, id: string): void {
  event.preventDefault();
  const element = document.getElementById(id);
  element?.focus();
  element?.scrollIntoView({ block: 'center' });
}

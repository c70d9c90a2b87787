import type { ComponentChildren, TargetedEvent } from 'preact';
import type { Field } from '../model/form.js';
import { texts } from '../texts/texts.js';

interface Common {
  label: ComponentChildren;
  hint?: string;
  optional?: boolean;
}

interface TextProps extends Common {
  field: Field<string>;
  type?: 'text' | 'email' | 'tel' | 'date' | 'time' | 'url';
  autocomplete?: 'off' | 'email' | 'name' | 'one-time-code';
  inputMode?: 'numeric' | 'email' | 'tel' | 'url';
  size?: 'short' | 'medium' | 'code';
  min?: string;
}

/** One line of text, with its label, its hint, and what is wrong with it. */
export function TextField({
  field,
  label,
  hint,
  optional,
  type = 'text',
  autocomplete = 'off',
  inputMode,
  size,
  min,
}: TextProps) {
  return (
    <FieldFrame field={field} label={label} hint={hint} optional={optional}>
      <input
        {...wiring(field, hint)}
        {...oneType(type)}
        class={size === undefined ? undefined : `input-${size}`}
        autocomplete={autocomplete}
        inputMode={inputMode}
        min={min}
        value={field.value}
        onInput={(event) => (field.value = event.currentTarget.value)}
      />
    </FieldFrame>
  );
}

/** The types of inputs differ in what else they may have; none of it is used here. */
function oneType(type: NonNullable<TextProps['type']>): { type: 'text' } {
  return { type } as { type: 'text' };
}

export function TextArea({ field, label, hint, optional }: Common & { field: Field<string> }) {
  return (
    <FieldFrame field={field} label={label} hint={hint} optional={optional}>
      <textarea
        {...wiring(field, hint)}
        value={field.value}
        onInput={(event) => (field.value = event.currentTarget.value)}
      />
    </FieldFrame>
  );
}

export interface Choice<T extends string> {
  value: T;
  label: string;
  hint?: string;
  disabled?: boolean;
}

export function SelectField<T extends string>({
  field,
  label,
  hint,
  choices,
  size = 'medium',
}: Common & { field: Field<T>; choices: readonly Choice<T>[]; size?: 'short' | 'medium' }) {
  return (
    <FieldFrame field={field} label={label} hint={hint}>
      <select
        {...wiring(field, hint)}
        class={`input-${size}`}
        value={field.value}
        onChange={(event) => (field.value = event.currentTarget.value as T)}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </FieldFrame>
  );
}

/** One of a few, all seen at once. `null` in the field: nothing is chosen yet. */
export function RadioField<T extends string>({
  field,
  label,
  hint,
  choices,
  large = false,
}: Common & { field: Field<T | null>; choices: readonly Choice<T>[]; large?: boolean }) {
  const wrong = field.error.value !== null;
  // The first one carries the field's id: there the summary of errors leads.
  const idOf = (index: number): string => (index === 0 ? field.id : `${field.id}-${index + 1}`);
  return (
    <fieldset class={wrong ? 'field field-wrong' : 'field'} aria-describedby={describedBy(field, hint)}>
      <legend class={large ? 'legend-large' : undefined}>{label}</legend>
      {hint !== undefined && (
        <p id={`${field.id}-hint`} class="hint">
          {hint}
        </p>
      )}
      <ErrorLine field={field} />
      <div class="choices">
        {choices.map(({ value, label, hint, disabled }, index) => (
          <label key={value} class="choice">
            <input
              id={idOf(index)}
              type="radio"
              name={field.id}
              checked={field.value === value}
              disabled={disabled}
              aria-describedby={hint === undefined ? undefined : `${idOf(index)}-about`}
              onChange={() => (field.value = value)}
            />
            <span class="choice-words">
              <span class="choice-label">{label}</span>
              {hint !== undefined && (
                <span class="hint" id={`${idOf(index)}-about`}>
                  {hint}
                </span>
              )}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function CheckField({ field, label, hint }: Common & { field: Field<boolean> }) {
  const wrong = field.error.value !== null;
  return (
    <div class={wrong ? 'field field-wrong' : 'field'}>
      <ErrorLine field={field} />
      <label class="choice">
        <input
          id={field.id}
          type="checkbox"
          checked={field.value}
          aria-invalid={wrong}
          aria-describedby={describedBy(field, hint)}
          onChange={(event: TargetedEvent<HTMLInputElement>) => (field.value = event.currentTarget.checked)}
        />
        <span class="choice-words">
          <span class="choice-label">{label}</span>
          {hint !== undefined && (
            <span class="hint" id={`${field.id}-hint`}>
              {hint}
            </span>
          )}
        </span>
      </label>
    </div>
  );
}

/** Several of a list. */
export function CheckList<T extends string>({
  field,
  label,
  hint,
  choices,
}: Common & { field: Field<readonly T[]>; choices: readonly Choice<T>[] }) {
  const wrong = field.error.value !== null;
  const toggle = (value: T, on: boolean): void => {
    field.value = on ? [...field.peek(), value] : field.peek().filter((one) => one !== value);
  };
  return (
    <fieldset class={wrong ? 'field field-wrong' : 'field'} aria-describedby={describedBy(field, hint)}>
      <legend>{label}</legend>
      {hint !== undefined && (
        <p id={`${field.id}-hint`} class="hint">
          {hint}
        </p>
      )}
      <ErrorLine field={field} />
      <div class="choices">
        {choices.map(({ value, label, hint }, index) => (
          <label key={value} class="choice">
            <input
              id={index === 0 ? field.id : `${field.id}-${index + 1}`}
              type="checkbox"
              checked={field.value.includes(value)}
              onChange={(event) => toggle(value, event.currentTarget.checked)}
            />
            <span class="choice-words">
              <span class="choice-label">{label}</span>
              {hint !== undefined && <span class="hint">{hint}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function FieldFrame<T>({
  field,
  label,
  hint,
  optional = false,
  children,
}: Common & { field: Field<T>; children: ComponentChildren }) {
  return (
    <div class={field.error.value === null ? 'field' : 'field field-wrong'}>
      <label for={field.id}>
        {label} {optional && <span class="optional">{texts.value.common.optional}</span>}
      </label>
      {hint !== undefined && (
        <p id={`${field.id}-hint`} class="hint">
          {hint}
        </p>
      )}
      <ErrorLine field={field} />
      {children}
    </div>
  );
}

function ErrorLine<T>({ field }: { field: Field<T> }) {
  const error = field.error.value;
  return (
    <p id={`${field.id}-error`} class="field-error">
      {error !== null && (
        <span>
          <span class="unseen">{texts.value.common.errorPrefix} </span>
          {error()}
        </span>
      )}
    </p>
  );
}

function wiring<T>(field: Field<T>, hint: string | undefined) {
  return {
    id: field.id,
    'aria-invalid': field.error.value !== null,
    'aria-describedby': describedBy(field, hint),
  };
}

function describedBy<T>(field: Field<T>, hint: string | undefined): string | undefined {
  const ids = [hint !== undefined && `${field.id}-hint`, field.error.value !== null && `${field.id}-error`];
  return ids.filter(Boolean).join(' ') || undefined;
}

import { useComputed } from '@preact/signals';
import type { ComponentChild } from 'preact';
import type { Assurance } from '../../../shared/api.js';
import { filled, personalNumber, plainNumber } from '../model/checks.js';
import { Field, Form } from '../model/form.js';
import type { Identification } from '../model/identification.js';
import { texts } from '../texts/texts.js';
import { Alert } from './alert.js';
import { RadioField, SelectField, TextField } from './fields.js';
import { FormFrame, SubmitButton } from './form-frame.js';
import { useConst } from './use-const.js';

/** Invented. The first is the organiser that a fresh service begins with. */
const TEST_PEOPLE = [
  { name: 'Anna Andersson', personalNumber: '198001012387' },
  { name: 'Karin Karlsson', personalNumber: '199001012385' },
  { name: 'Erik Eriksson', personalNumber: '197001012389' },
] as const;

/** Claims without proof: for development alone, and says so. */
export function TestFlow({
  identification,
  wayOut,
}: {
  identification: Identification;
  /** The button that leads back. */
  wayOut: ComponentChild;
}) {
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
        {wayOut}
      </div>
    </FormFrame>
  );
}

import { useSignal } from '@preact/signals';
import { erasePerson } from '../../api/admin-api.js';
import { personalNumber, plainNumber } from '../../model/checks.js';
import { Field, Form } from '../../model/form.js';
import type { ServiceApp } from '../../model/service-app.js';
import { texts } from '../../texts/texts.js';
import { Alert } from '../../components/alert.js';
import { Confirm } from '../../components/confirm.js';
import { TextField } from '../../components/fields.js';
import { FormFrame, SubmitButton } from '../../components/form-frame.js';
import { Page } from '../../components/shell.js';
import { useConst } from '../../components/use-const.js';

/** The right to be forgotten. */
export function ErasePage({ app }: { app: ServiceApp }) {
  const { erase: words } = texts.value.admin;
  const asking = useSignal(false);
  const erased = useSignal<number | null>(null);
  const { number, form } = useConst(() => {
    const number = new Field<string>(
      'personal-number',
      '',
      personalNumber(() => texts.value.admin.erase.personalNumberWrong),
    );
    return { number, form: new Form(() => [number]) };
  });
  const erase = async (): Promise<void> => {
    await form.submit(async () => {
      erased.value = (await erasePerson(plainNumber(number.peek()))).erased;
      number.reset('');
    });
  };
  const ask = (): void => {
    erased.value = null;
    asking.value = form.validate();
  };
  return (
    <Page app={app} title={words.heading} heading={words.heading} lead={words.lead} narrow>
      <div role="status">
        {erased.value !== null && (
          <Alert tone="good">
            <p>{words.done(erased.value)}</p>
          </Alert>
        )}
      </div>
      <FormFrame form={form} onSubmit={ask}>
        <TextField field={number} label={words.personalNumber} inputMode="numeric" size="medium" />
        <div class="actions">
          <SubmitButton form={form}>{words.submit}</SubmitButton>
        </div>
      </FormFrame>
      {asking.value && (
        <Confirm
          heading={words.question}
          action={words.submit}
          onConfirm={erase}
          onClose={() => (asking.value = false)}
        >
          <p>{words.questionLead}</p>
        </Confirm>
      )}
    </Page>
  );
}

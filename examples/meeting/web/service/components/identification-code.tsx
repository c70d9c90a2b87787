import type { ComponentChild } from 'preact';
import type { EidOrderView } from '../../../shared/api.js';
import { emailAddress, filled, plainNumber } from '../model/checks.js';
import { Field, Form } from '../model/form.js';
import type { Identification } from '../model/identification.js';
import { texts } from '../texts/texts.js';
import { TextField } from './fields.js';
import { FormFrame, SubmitButton } from './form-frame.js';
import { useConst } from './use-const.js';

interface Props {
  identification: Identification;
  /** The button that leads back. */
  wayOut: ComponentChild;
}

/** A one-time code: the address first, then what was sent there. */
export function CodeFlow({ identification, wayOut }: Props) {
  const order = identification.order.value;
  return order?.codeSentTo === undefined ? (
    <AddressForm identification={identification} wayOut={wayOut} />
  ) : (
    <CodeForm identification={identification} wayOut={wayOut} order={order} sentTo={order.codeSentTo} />
  );
}

function AddressForm({ identification, wayOut }: Props) {
  const { code: words } = texts.value.identify;
  const { email, form } = useConst(() => {
    const email = new Field<string>(
      'email',
      '',
      emailAddress(() => texts.value.identify.code.emailMissing),
    );
    return { email, form: new Form(() => [email]) };
  });
  const send = (): void =>
    void form.submit(async () => {
      await identification.start({ email: email.peek().trim() });
    });
  return (
    <FormFrame form={form} onSubmit={send}>
      <p>{words.emailLead}</p>
      <TextField field={email} label={words.emailLabel} type="email" autocomplete="email" size="medium" />
      <div class="actions">
        <SubmitButton form={form}>{words.send}</SubmitButton>
        {wayOut}
      </div>
    </FormFrame>
  );
}

function CodeForm({
  identification,
  wayOut,
  order,
  sentTo,
}: Props & { order: EidOrderView; sentTo: string }) {
  const { code: words } = texts.value.identify;
  const { code, form } = useConst(() => {
    const code = new Field<string>(
      'code',
      '',
      filled(() => texts.value.identify.code.codeMissing),
    );
    return { code, form: new Form(() => [code]) };
  });
  const confirm = (): void =>
    void form.submit(async () => {
      await identification.submitCode(plainNumber(code.peek()));
      const after = identification.order.peek();
      const left = after?.attemptsLeft;
      if (after?.state !== 'pending' || left === undefined || left === order.attemptsLeft) return;
      code.reset('');
      code.refuse(() => texts.value.identify.code.attemptsLeft(left));
      form.refusals.value++;
    });
  return (
    <FormFrame form={form} onSubmit={confirm}>
      <p>{words.sentTo(sentTo)}</p>
      <TextField
        field={code}
        label={words.codeLabel}
        hint={words.codeHint}
        autocomplete="one-time-code"
        inputMode="numeric"
        size="code"
      />
      <div class="actions">
        <SubmitButton form={form}>{words.confirm}</SubmitButton>
        {wayOut}
      </div>
    </FormFrame>
  );
}

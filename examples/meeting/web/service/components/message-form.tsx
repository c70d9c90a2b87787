import type { Message } from '../model/form.js';
import { Field, Form } from '../model/form.js';
import { TextArea } from './fields.js';
import { FormFrame, SubmitButton } from './form-frame.js';
import { useConst } from './use-const.js';

interface Props {
  /** Of the field. */
  id: string;
  label: string;
  hint?: string;
  /** On the button. */
  action: string;
  /** What is wrong with the text; null: nothing. */
  check: (text: string) => Message | null;
  /** Gets the trimmed text; true when it was taken. */
  onSend: (text: string) => Promise<boolean>;
  /** Beside the button that sends. */
  onCancel?: { label: string; act: () => void };
}

/** One text that goes to other people: written, looked at, sent. Empty again when it was taken. */
export function MessageForm({ id, label, hint, action, check, onSend, onCancel }: Props) {
  const { field, form } = useConst(() => {
    const field = new Field<string>(id, '', check);
    return { field, form: new Form(() => [field]) };
  });
  const send = (): void =>
    void form.submit(async () => {
      if (await onSend(field.peek().trim())) field.reset('');
    });
  return (
    <FormFrame form={form} onSubmit={send}>
      <TextArea field={field} label={label} hint={hint} />
      <div class="actions">
        <SubmitButton form={form}>{action}</SubmitButton>
        {onCancel !== undefined && (
          <button type="button" class="button" onClick={onCancel.act}>
            {onCancel.label}
          </button>
        )}
      </div>
    </FormFrame>
  );
}

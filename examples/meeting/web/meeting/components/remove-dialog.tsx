import { Dialog } from '../../service/components/dialog.js';
import { TextArea } from '../../service/components/fields.js';
import { FormFrame, SubmitButton } from '../../service/components/form-frame.js';
import { useConst } from '../../service/components/use-const.js';
import { filled } from '../../service/model/checks.js';
import { Field, Form } from '../../service/model/form.js';
import { texts } from '../../service/texts/texts.js';

interface Props {
  name: string;
  onRemove: (reason: string) => Promise<void>;
  onClose: () => void;
}

/** Asks before somebody is taken out of the meeting, and why: the person can read it. */
export function RemoveDialog({ name, onRemove, onClose }: Props) {
  const { lobby, common, meeting } = texts.value;
  const { reason, form } = useConst(() => {
    const reason = new Field<string>(
      'remove-reason',
      '',
      filled(() => texts.value.lobby.denyReasonMissing),
    );
    return { reason, form: new Form(() => [reason]) };
  });
  const remove = async (): Promise<void> => {
    if (await form.submit(() => onRemove(reason.peek().trim()))) onClose();
  };
  return (
    <Dialog heading={lobby.removeHeading(name)} onClose={onClose}>
      <p>{meeting.people.removeLead}</p>
      <FormFrame form={form} onSubmit={() => void remove()}>
        <TextArea field={reason} label={lobby.denyReason} />
        <div class="actions">
          <SubmitButton form={form}>{meeting.people.remove}</SubmitButton>
          <button type="button" class="button" onClick={onClose}>
            {common.cancel}
          </button>
        </div>
      </FormFrame>
    </Dialog>
  );
}

import { useSignal } from '@preact/signals';
import type { LobbyPerson, LobbyView } from '../../../shared/api.js';
import { clockText } from '../model/dates.js';
import type { Form } from '../model/form.js';
import { Field, Form as FormModel } from '../model/form.js';
import { filled } from '../model/checks.js';
import { type LobbyControl, nameOf } from '../model/lobby-control.js';
import { texts } from '../texts/texts.js';
import { Alert, Tag } from './alert.js';
import { verifiedText } from './bits.js';
import { Confirm } from './confirm.js';
import { Dialog } from './dialog.js';
import { TextArea } from './fields.js';
import { FormFrame, SubmitButton } from './form-frame.js';
import { useConst } from './use-const.js';

type Asked = { about: 'admit-all' | 'end' } | { about: 'deny' | 'remove'; person: LobbyPerson };

interface PanelProps {
  control: LobbyControl;
  /** Before the host has started the meeting nobody can be let in. */
  readOnly?: boolean;
  /** False where a heading stands above it already. */
  headed?: boolean;
}

/** The host's list: who waits and who they are, and everything that is done about them. */
export function LobbyPanel({ control, readOnly = false, headed = true }: PanelProps) {
  const { lobby } = texts.value;
  const asked = useSignal<Asked | null>(null);
  const view = control.view.value;
  if (view === null) return null;
  const waiting = control.waiting.value;
  const inside = control.inside.value;
  const problem = control.problem.value;
  return (
    <section class="lobby" aria-label={lobby.heading}>
      {headed && <h2>{lobby.heading}</h2>}
      {problem !== null && (
        <Alert tone="problem" role="alert">
          <p>{problem()}</p>
        </Alert>
      )}
      {view.locked && (
        <Alert tone="warning">
          <p>{lobby.locked}</p>
        </Alert>
      )}
      <div class="stack stack-small">
        <div class="row row-spread">
          <h3>{lobby.waitingHeading(waiting.length)}</h3>
          {waiting.length > 1 && !readOnly && (
            <button
              type="button"
              class="button button-small"
              onClick={() => (asked.value = { about: 'admit-all' })}
            >
              {lobby.admitAll}
            </button>
          )}
        </div>
        <ul class="list">
          {waiting.map((person) => (
            <WaitingLine
              key={person.participantId}
              control={control}
              person={person}
              asked={asked}
              readOnly={readOnly}
            />
          ))}
        </ul>
      </div>
      {readOnly ? <p class="hint">{lobby.startFirst}</p> : <NoticeForm control={control} view={view} />}
      <div class="stack stack-small">
        <h3>{lobby.insideHeading(inside.filter(({ present }) => present).length, view.capacity)}</h3>
        <ul class="list">
          {inside.map((person) => (
            <InsideLine
              key={person.participantId}
              control={control}
              person={person}
              asked={asked}
              readOnly={readOnly}
            />
          ))}
        </ul>
      </div>
      <Others people={control.others.value} />
      <label class="choice choice-plain">
        <input
          type="checkbox"
          checked={control.sound.value}
          onChange={(event) => control.setSound(event.currentTarget.checked)}
        />
        <span>{lobby.sound}</span>
      </label>
      {!readOnly && (
        <div class="actions">
          <button
            type="button"
            class="button"
            aria-busy={control.busy.value === 'lock'}
            onClick={() => void control.lock(!view.locked)}
          >
            {view.locked ? lobby.unlock : lobby.lock}
          </button>
          <button type="button" class="button button-danger" onClick={() => (asked.value = { about: 'end' })}>
            {lobby.end}
          </button>
        </div>
      )}
      <Question control={control} asked={asked.value} onClose={() => (asked.value = null)} />
    </section>
  );
}

interface LineProps {
  control: LobbyControl;
  person: LobbyPerson;
  asked: { value: Asked | null };
  readOnly: boolean;
}

function WaitingLine({ control, person, asked, readOnly }: LineProps) {
  const { lobby } = texts.value;
  const name = nameOf(person);
  const busy = control.busy.value === `admit ${person.participantId}`;
  return (
    <li>
      <Who person={person} />
      {!readOnly && (
        <div class="row">
          <button
            type="button"
            class="button button-primary button-small"
            aria-label={lobby.admitName(name)}
            aria-busy={busy}
            onClick={() => void control.admit(person)}
          >
            {lobby.admit}
          </button>
          <button
            type="button"
            class="button button-small"
            aria-label={lobby.denyName(name)}
            onClick={() => (asked.value = { about: 'deny', person })}
          >
            {lobby.deny}
          </button>
        </div>
      )}
    </li>
  );
}

function InsideLine({ control, person, asked, readOnly }: LineProps) {
  const { lobby } = texts.value;
  const name = nameOf(person);
  return (
    <li>
      <Who person={person} />
      {person.role !== 'host' && !readOnly && (
        <div class="row">
          {person.present && (
            <button
              type="button"
              class="button button-small"
              aria-label={lobby.muteName(name)}
              aria-busy={control.busy.value === `mute ${person.participantId}`}
              onClick={() => void control.mute(person)}
            >
              {lobby.mute}
            </button>
          )}
          <button
            type="button"
            class="button button-small button-danger"
            aria-label={lobby.removeName(name)}
            onClick={() => (asked.value = { about: 'remove', person })}
          >
            {lobby.remove}
          </button>
        </div>
      )}
    </li>
  );
}

/** Who it is, proven how, and whether it is the one who was invited. */
function Who({ person }: { person: LobbyPerson }) {
  const { lobby, common } = texts.value;
  const { verified, displayName, role, state, present, waitingSince, matchesInvitation } = person;
  const shownAs = verified !== null && verified.name !== displayName ? displayName : null;
  return (
    <div class="lobby-person">
      <div class="row">
        <span class="strong">{nameOf(person)}</span>
        <Tag>{common.role[role]}</Tag>
      </div>
      {shownAs !== null && <p class="hint">{lobby.shownAs(shownAs)}</p>}
      <p class="hint">{verified === null ? lobby.notVerified : verifiedText(verified)}</p>
      {state === 'waiting' && (
        <p>
          {matchesInvitation ? (
            <Tag tone="good">{lobby.matches}</Tag>
          ) : (
            <Tag tone="warning">{lobby.noMatch}</Tag>
          )}
        </p>
      )}
      {state === 'waiting' && waitingSince !== null && (
        <p class="hint">{lobby.waitingSince(clockText(waitingSince))}</p>
      )}
      {state === 'admitted' && <p class="hint">{present ? lobby.present : lobby.absent}</p>}
    </div>
  );
}

function Others({ people }: { people: readonly LobbyPerson[] }) {
  const { lobby, common } = texts.value;
  return (
    <div class="stack stack-small">
      <h3>{lobby.othersHeading}</h3>
      {people.length === 0 ? (
        <p class="hint">{lobby.noneInvited}</p>
      ) : (
        <ul class="list">
          {people.map((person) => (
            <li key={person.participantId}>
              <div class="row">
                <span>{nameOf(person)}</span>
                <Tag>{common.role[person.role]}</Tag>
                <span class="hint">{common.state[person.state]}</span>
              </div>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function NoticeForm({ control, view }: { control: LobbyControl; view: LobbyView }) {
  const { lobby } = texts.value;
  const sent = useSignal(false);
  const { field, form } = useConst(() => {
    const field = new Field<string>('lobby-notice', '', (text) => {
      if (text.trim() === '') return () => texts.value.lobby.noticeMissing;
      return text.length > 300 ? () => texts.value.lobby.noticeLong : null;
    });
    return { field, form: new FormModel(() => [field]) };
  });
  const send = async (): Promise<void> => {
    sent.value = false;
    await form.submit(async () => {
      sent.value = await control.notice(field.peek().trim());
      if (sent.value) field.reset('');
    });
  };
  return (
    <details>
      <summary class="strong">{lobby.noticeHeading}</summary>
      <FormFrame form={form} onSubmit={() => void send()}>
        <TextArea field={field} label={lobby.noticeLabel} hint={lobby.noticeHint} />
        <div class="actions">
          <SubmitButton form={form}>{lobby.noticeSend}</SubmitButton>
        </div>
      </FormFrame>
      <p role="status">{sent.value && lobby.noticeSent}</p>
      {view.notice !== null && <p class="message-box">{lobby.noticeNow(view.notice)}</p>}
    </details>
  );
}

function Question({
  control,
  asked,
  onClose,
}: {
  control: LobbyControl;
  asked: Asked | null;
  onClose: () => void;
}) {
  const { lobby } = texts.value;
  if (asked === null) return null;
  switch (asked.about) {
    case 'admit-all':
      return (
        <Confirm
          heading={lobby.admitAllQuestion(control.waiting.value.length)}
          action={lobby.admitAll}
          danger={false}
          onConfirm={() => control.admitAll()}
          onClose={onClose}
        />
      );
    case 'end':
      return (
        <Confirm
          heading={lobby.endQuestion}
          action={lobby.end}
          onConfirm={() => control.end()}
          onClose={onClose}
        >
          <p>{lobby.endLead}</p>
        </Confirm>
      );
    case 'deny':
      return (
        <ReasonDialog
          heading={lobby.denyHeading(nameOf(asked.person))}
          action={lobby.deny}
          onReason={(reason) => control.deny(asked.person, reason)}
          onClose={onClose}
        />
      );
    case 'remove':
      return (
        <ReasonDialog
          heading={lobby.removeHeading(nameOf(asked.person))}
          action={lobby.remove}
          onReason={(reason) => control.remove(asked.person, reason)}
          onClose={onClose}
        />
      );
  }
}

interface ReasonProps {
  heading: string;
  action: string;
  onReason: (reason: string) => Promise<boolean>;
  onClose: () => void;
}

function ReasonDialog({ heading, action, onReason, onClose }: ReasonProps) {
  const { lobby, common } = texts.value;
  const { field, form } = useConst((): { field: Field<string>; form: Form } => {
    const field = new Field<string>(
      'lobby-reason',
      '',
      filled(() => texts.value.lobby.denyReasonMissing),
    );
    return { field, form: new FormModel(() => [field]) };
  });
  const send = async (): Promise<void> => {
    const done = await form.submit(async () => {
      await onReason(field.peek().trim());
    });
    if (done) onClose();
  };
  return (
    <Dialog heading={heading} onClose={onClose}>
      <FormFrame form={form} onSubmit={() => void send()}>
        <TextArea field={field} label={lobby.denyReason} />
        <div class="actions">
          <SubmitButton form={form}>{action}</SubmitButton>
          <button type="button" class="button" onClick={onClose}>
            {common.cancel}
          </button>
        </div>
      </FormFrame>
    </Dialog>
  );
}

import { useSignal } from '@preact/signals';
import type { LobbyView } from '../../../shared/api.js';
import type { Message } from '../model/form.js';
import type { LobbyControl } from '../model/lobby-control.js';
import { texts } from '../texts/texts.js';
import { Alert } from './alert.js';
import { InsideLine, OthersList, WaitingLine } from './lobby-people.js';
import { type LobbyQuestion, LobbyQuestions } from './lobby-questions.js';
import { MessageForm } from './message-form.js';

/** A host who has not gone in yet: sees who waits and may write to them, and starts the meeting from here. */
export interface BeforeStart {
  /** The host's arrival is known to the server, which then takes all their orders; before it takes only messages. */
  arrived: boolean;
  /** The form whose sending goes into the meeting, and the words on the button. */
  formId: string;
  action: string;
}

interface PanelProps {
  control: LobbyControl;
  before?: BeforeStart;
  /** False where a heading stands above it already. */
  headed?: boolean;
}

/** The host's list: who waits and who they are, and everything that is done about them. */
export function LobbyPanel({ control, before, headed = true }: PanelProps) {
  const { lobby } = texts.value;
  const asked = useSignal<LobbyQuestion | null>(null);
  const view = control.view.value;
  if (view === null) return null;
  const waiting = control.waiting.value;
  const inside = control.inside.value;
  const problem = control.problem.value;
  const mayAct = before === undefined || before.arrived;
  const mayAdmit = mayAct && control.hostIsIn.value;
  const ask = (question: LobbyQuestion): void => {
    asked.value = question;
  };
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
          {waiting.length > 1 && mayAdmit && (
            <button type="button" class="button button-small" onClick={() => ask({ about: 'admit-all' })}>
              {lobby.admitAll}
            </button>
          )}
        </div>
        {waiting.length > 0 && (
          <ol class="list">
            {waiting.map((person, index) => (
              <WaitingLine
                key={person.participantId}
                control={control}
                person={person}
                place={index + 1}
                onAsk={ask}
                mayAct={mayAct}
                mayAdmit={mayAdmit}
              />
            ))}
          </ol>
        )}
      </div>
      {before !== undefined && (
        <div class="stack stack-small">
          <p>{lobby.startFirst}</p>
          <div class="actions">
            <button type="submit" form={before.formId} class="button button-primary">
              {before.action}
            </button>
          </div>
        </div>
      )}
      <NoticeForm control={control} view={view} />
      {(before === undefined || inside.length > 0) && (
        <div class="stack stack-small">
          <h3>{lobby.insideHeading(inside.filter(({ present }) => present).length, view.capacity)}</h3>
          <ul class="list">
            {inside.map((person) => (
              <InsideLine
                key={person.participantId}
                control={control}
                person={person}
                onAsk={ask}
                mayAct={mayAct}
              />
            ))}
          </ul>
        </div>
      )}
      <OthersList people={control.others.value} />
      <label class="choice choice-plain">
        <input
          type="checkbox"
          checked={control.sound.value}
          onChange={(event) => control.setSound(event.currentTarget.checked)}
        />
        <span>{lobby.sound}</span>
      </label>
      {mayAct && (
        <div class="actions">
          <button
            type="button"
            class="button"
            aria-busy={control.busy.value === 'lock'}
            onClick={() => void control.lock(!view.locked)}
          >
            {view.locked ? lobby.unlock : lobby.lock}
          </button>
          <button type="button" class="button button-danger" onClick={() => ask({ about: 'end' })}>
            {lobby.end}
          </button>
        </div>
      )}
      <LobbyQuestions control={control} asked={asked.value} onClose={() => (asked.value = null)} />
    </section>
  );
}

function NoticeForm({ control, view }: { control: LobbyControl; view: LobbyView }) {
  const { lobby } = texts.value;
  const sent = useSignal(false);
  const send = async (text: string): Promise<boolean> => {
    sent.value = false;
    sent.value = await control.notice(text);
    return sent.value;
  };
  return (
    <details>
      <summary class="strong">{lobby.noticeHeading}</summary>
      <MessageForm
        id="lobby-notice"
        label={lobby.noticeLabel}
        hint={lobby.noticeHint}
        action={lobby.noticeSend}
        check={checkNotice}
        onSend={send}
      />
      <p role="status">{sent.value && lobby.noticeSent}</p>
      {view.notice !== null && <p class="message-box">{lobby.noticeNow(view.notice)}</p>}
    </details>
  );
}

function checkNotice(text: string): Message | null {
  if (text.trim() === '') return () => texts.value.lobby.noticeMissing;
  return text.length > 300 ? () => texts.value.lobby.noticeLong : null;
}

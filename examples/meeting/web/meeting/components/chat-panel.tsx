import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { clockText } from '../../service/model/dates.js';
import { texts } from '../../service/texts/texts.js';
import { type Chat, type ChatLine, MAX_CHAT_LENGTH } from '../model/chat.js';
import type { Meeting } from '../model/meeting.js';
import { Panel } from './panel.js';

export function ChatPanel({ meeting }: { meeting: Meeting }) {
  const { chat: words } = texts.value.meeting;
  const { chat, encryption } = meeting;
  useEffect(() => {
    chat.show(true);
    return () => chat.show(false);
  }, [chat]);
  const lines = chat.lines.value;
  return (
    <Panel name="chat" title={words.heading} meeting={meeting} foot={<ChatForm chat={chat} />}>
      <p class="hint">
        {encryption.status.value === 'off' ? words.plain : words.sealed} {words.kept}
      </p>
      {lines.length === 0 && <p class="panel-empty">{words.empty}</p>}
      <Lines chat={chat} lines={lines} />
    </Panel>
  );
}

function Lines({ chat, lines }: { chat: Chat; lines: readonly ChatLine[] }) {
  const { chat: words } = texts.value.meeting;
  const list = useRef<HTMLDivElement>(null);
  // The newest is what one wants to see; who has scrolled up to read stays there.
  useLayoutEffect(() => {
    const box = list.current?.closest('.panel-body');
    const last = list.current?.querySelector('li:last-child');
    if (!box || !last) return;
    const near = box.scrollHeight - box.scrollTop - box.clientHeight < last.clientHeight + 160;
    if (near || lines.at(-1)?.from === null) last.scrollIntoView({ block: 'nearest' });
  }, [lines.length]);
  return (
    <div ref={list} role="log" aria-live="polite" aria-relevant="additions" aria-label={words.log}>
      <ol class="chat-lines">
        {lines.map((line) => (
          <li key={line.id} class={line.from === null ? 'chat-line chat-own' : 'chat-line'}>
            <p class="chat-head">
              <span class="strong">{line.from?.name ?? words.you}</span>{' '}
              <time dateTime={new Date(line.at).toISOString()}>
                {clockText(new Date(line.at).toISOString())}
              </time>
            </p>
            <p class="chat-text">{line.text}</p>
            {line.state === 'sending' && <p class="hint">{words.sending}</p>}
            {line.state === 'waiting' && <p class="hint">{words.waiting}</p>}
            {line.state === 'failed' && (
              <p class="chat-failed">
                {words.failed}{' '}
                <button type="button" class="button button-small" onClick={() => void chat.retry(line.id)}>
                  {words.retry}
                </button>
              </p>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}

function ChatForm({ chat }: { chat: Chat }) {
  const { chat: words } = texts.value.meeting;
  const text = useSignal('');
  const send = (): void => {
    if (text.value.length <= MAX_CHAT_LENGTH && chat.send(text.value)) text.value = '';
  };
  const long = text.value.length > MAX_CHAT_LENGTH;
  return (
    <form
      class="chat-form"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <label for="chat-text">{words.label}</label>
      <textarea
        id="chat-text"
        rows={2}
        value={text.value}
        aria-describedby="chat-hint chat-error"
        aria-invalid={long}
        onInput={(event) => (text.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          // While a word is being composed, Enter takes the word.
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <p id="chat-error" class="field-error" role="alert">
        {long && words.long(MAX_CHAT_LENGTH)}
      </p>
      <div class="chat-send">
        <p id="chat-hint" class="hint">
          {words.hint}
        </p>
        <button type="submit" class="button button-primary">
          {words.send}
        </button>
      </div>
    </form>
  );
}

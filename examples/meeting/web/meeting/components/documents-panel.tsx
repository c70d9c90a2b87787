import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { clockText } from '../../service/model/dates.js';
import { texts } from '../../service/texts/texts.js';
import { sizeText } from '../model/file-size.js';
import type { Meeting } from '../model/meeting.js';
import type { SharedDocument, SharedDocuments } from '../model/shared-documents.js';
import { DocumentIcon } from './icons.js';
import { Panel } from './panel.js';

export function DocumentsPanel({ meeting }: { meeting: Meeting }) {
  const { documents: words } = texts.value.meeting;
  const { documents, encryption } = meeting;
  useEffect(() => {
    documents.show(true);
    return () => documents.show(false);
  }, [documents]);
  const list = documents.list.value;
  const plain = encryption.status.value === 'off';
  return (
    <Panel name="documents" title={words.heading} meeting={meeting}>
      <p class="hint">
        {plain ? words.plain : words.sealed} {words.kept}
      </p>
      <ShareBox meeting={meeting} />
      {list.length === 0 ? (
        <p class="panel-empty">{words.empty}</p>
      ) : (
        <ul class="documents" aria-label={words.list}>
          {list.map((document) => (
            <DocumentLine key={document.id} documents={documents} document={document} />
          ))}
        </ul>
      )}
      {list.some(({ from }) => from !== null) && <p class="hint">{words.caution}</p>}
    </Panel>
  );
}

/** Files are chosen, or dropped on it. */
function ShareBox({ meeting }: { meeting: Meeting }) {
  const { documents: words } = texts.value.meeting;
  const input = useRef<HTMLInputElement>(null);
  const over = useSignal(false);
  const refused = useSignal<readonly (() => string)[]>([]);
  const share = (files: FileList | null | undefined): void => {
    refused.value = [...(files ?? [])].flatMap((file) => {
      const refusal = meeting.documents.share(file);
      if (refusal === null) return [];
      return [() => texts.value.meeting.documents[refusal === 'too-big' ? 'tooBig' : 'emptyFile'](file.name)];
    });
  };
  return (
    <div
      class={over.value ? 'drop drop-over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        over.value = true;
      }}
      onDragLeave={() => (over.value = false)}
      onDrop={(event) => {
        event.preventDefault();
        over.value = false;
        share(event.dataTransfer?.files);
      }}
    >
      <input
        ref={input}
        type="file"
        multiple
        class="unseen"
        tabIndex={-1}
        aria-hidden="true"
        onChange={(event) => {
          share(event.currentTarget.files);
          // The same file may be chosen once more.
          event.currentTarget.value = '';
        }}
      />
      <button type="button" class="button button-primary" onClick={() => input.current?.click()}>
        <DocumentIcon />
        {words.choose}
      </button>
      <p class="hint">
        <span class="drop-words">{words.drop}. </span>
        {words.limit}
      </p>
      <div role="alert" class="drop-refused">
        {refused.value.map((text, index) => (
          <p key={index} class="field-error">
            {text()}
          </p>
        ))}
      </div>
    </div>
  );
}

function DocumentLine({ documents, document }: { documents: SharedDocuments; document: SharedDocument }) {
  const { documents: words } = texts.value.meeting;
  const { id, from, name, size, at, state, progress, trouble } = document;
  const time = clockText(new Date(at).toISOString());
  const running = state === 'sending' || state === 'fetching';
  return (
    <li class="document" data-document={state}>
      <p class="document-name">{name}</p>
      <p class="hint">
        {from === null ? words.fromYou(sizeText(size), time) : words.from(from.name, sizeText(size), time)}
      </p>
      {running && (
        <div class="document-progress">
          <progress
            max={1}
            value={progress}
            aria-label={state === 'sending' ? words.sendingName(name) : words.fetchingName(name)}
          />
          <span aria-hidden="true">{Math.round(progress * 100)} %</span>
        </div>
      )}
      <p role="status" class={state === 'failed' ? 'document-state document-failed' : 'document-state'}>
        {stateText(state, trouble)}
      </p>
      <div class="row">
        {running && (
          <Action label={words.cancel} name={words.cancelName(name)} act={() => documents.cancel(id)} />
        )}
        {from !== null && !running && (
          <Action
            {...fetchWords(state, name)}
            primary={state === 'offered'}
            act={() => void documents.fetch(id)}
          />
        )}
        {from === null && (state === 'failed' || state === 'cancelled') && (
          <Action label={words.again} name={words.againName(name)} act={() => void documents.again(id)} />
        )}
        {from === null && state === 'shared' && (
          <Action label={words.share} name={words.shareName(name)} act={() => void documents.again(id)} />
        )}
      </div>
    </li>
  );
}

function Action({
  label,
  name,
  act,
  primary = false,
}: {
  label: string;
  name: string;
  act: () => void;
  primary?: boolean;
}) {
  return (
    <button
      type="button"
      class={primary ? 'button button-small button-primary' : 'button button-small'}
      aria-label={name}
      onClick={act}
    >
      {label}
    </button>
  );
}

/** What the button says, and says to a screen reader. */
function fetchWords(state: SharedDocument['state'], file: string): { label: string; name: string } {
  const { documents: words } = texts.value.meeting;
  if (state === 'saved') return { label: words.saveAgain, name: words.saveAgainName(file) };
  if (state === 'failed') return { label: words.again, name: words.againName(file) };
  return { label: words.save, name: words.saveName(file) };
}

function stateText(state: SharedDocument['state'], trouble: string | null): string {
  const { documents: words } = texts.value.meeting;
  switch (state) {
    case 'sending':
      return words.sending;
    case 'fetching':
      return words.fetching;
    case 'shared':
      return words.shared;
    case 'saved':
      return words.saved;
    case 'cancelled':
      return words.cancelled;
    case 'failed':
      return Object.hasOwn(words.trouble, trouble ?? '') ? words.trouble[trouble!] : words.trouble.other;
    case 'offered':
      return '';
  }
}

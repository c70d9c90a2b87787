import { Alert } from '../../service/components/alert.js';
import { texts } from '../../service/texts/texts.js';
import type { Meeting } from '../model/meeting.js';
import { namesOf } from '../model/names.js';
import { ClosedLockIcon, OpenLockIcon } from './icons.js';
import { Panel } from './panel.js';

/** In the head: a lock with words. Opens the panel that explains it. */
export function EncryptionMark({ meeting }: { meeting: Meeting }) {
  const { encryption: words } = texts.value.meeting;
  const status = meeting.encryption.status.value;
  const alarm = meeting.encryption.conflicts.value.length > 0;
  return (
    <button
      type="button"
      class={`lock lock-${alarm ? 'alarm' : status}`}
      data-encryption={status}
      aria-label={words.button(alarm ? words.conflictHeading : words.status[status])}
      aria-expanded={meeting.panel.value === 'encryption'}
      onClick={() => meeting.togglePanel('encryption')}
    >
      {status === 'encrypted' && !alarm ? <ClosedLockIcon /> : <OpenLockIcon />}
      <span class="lock-words">{words.status[status]}</span>
    </button>
  );
}

export function EncryptionPanel({ meeting }: { meeting: Meeting }) {
  const { encryption: words } = texts.value.meeting;
  const { encryption } = meeting;
  const status = encryption.status.value;
  return (
    <Panel name="encryption" title={words.heading} meeting={meeting}>
      <Alert tone={TONES[status]} heading={words.status[status]}>
        <p>{words.lead[status]}</p>
        {status === 'failed' && (
          <p>
            <button type="button" class="button button-small" onClick={() => location.reload()}>
              {words.reload}
            </button>
          </p>
        )}
      </Alert>
      <EncryptionWarnings meeting={meeting} />
      {(status === 'encrypted' || status === 'waiting') && <Code meeting={meeting} />}
    </Panel>
  );
}

const TONES = {
  off: 'info',
  waiting: 'info',
  encrypted: 'good',
  failed: 'problem',
} as const;

function Code({ meeting }: { meeting: Meeting }) {
  const { encryption: words } = texts.value.meeting;
  const { encryption } = meeting;
  const code = encryption.code.value;
  const comparison = encryption.comparison.value;
  return (
    <section class="stack" aria-labelledby="code-heading">
      <h3 id="code-heading">{words.codeHeading}</h3>
      <p>{words.codeLead}</p>
      {code === null ? (
        <p class="hint" role="status">
          {words.codeNone}
        </p>
      ) : (
        <p class="security-code">
          {code.map((group, index) => (
            // Digits one by one: a screen reader must not read numbers.
            <span key={index} class="code-group">
              <span aria-hidden="true">{group}</span>
              <span class="unseen">{[...group].join(' ')}, </span>
            </span>
          ))}
        </p>
      )}
      <ol class="code-steps">
        {words.codeSteps.map((step, index) => (
          <li key={index}>{step}</li>
        ))}
      </ol>
      <p class="hint">{words.codeChanges}</p>
      <label class="choice">
        <input
          type="checkbox"
          checked={comparison === 'same'}
          disabled={code === null}
          onChange={(event) => encryption.markCompared(event.currentTarget.checked)}
        />
        <span>{words.compared}</span>
      </label>
      <p role="status" class={comparison === 'changed' ? 'code-changed' : 'unseen'}>
        {comparison === 'changed' && words.comparedChanged}
        {comparison === 'same' && words.comparedSame}
      </p>
    </section>
  );
}

/** Shown wherever one looks: somebody tampers with the keys, or somebody cannot take part. */
export function EncryptionWarnings({ meeting }: { meeting: Meeting }) {
  const { encryption: words } = texts.value.meeting;
  const { conflicts, silent } = meeting.encryption;
  const people = meeting.participants.value;
  return (
    <>
      {conflicts.value.length > 0 && (
        <Alert tone="problem" heading={words.conflictHeading}>
          <p>{words.conflict(namesOf(conflicts.value, people, words.someone))}</p>
        </Alert>
      )}
      {silent.value.length > 0 && (
        <Alert tone="warning" heading={words.silentHeading}>
          <p>{words.silent(namesOf(silent.value, people, words.someone))}</p>
        </Alert>
      )}
    </>
  );
}

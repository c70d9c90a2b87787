import type { LobbyPerson } from '../../../shared/api.js';
import { clockText } from '../model/dates.js';
import { type LobbyControl, nameOf } from '../model/lobby-control.js';
import { isTestProof } from '../model/test-proof.js';
import { texts } from '../texts/texts.js';
import { Tag } from './alert.js';
import { verifiedText } from './bits.js';
import type { LobbyQuestion } from './lobby-questions.js';

interface LineProps {
  control: LobbyControl;
  person: LobbyPerson;
  onAsk: (question: LobbyQuestion) => void;
  /** False: only to be looked at. */
  mayAct: boolean;
}

/** Somebody who waits, with their place in the queue. */
export function WaitingLine({
  control,
  person,
  place,
  onAsk,
  mayAct,
  mayAdmit,
}: LineProps & { place: number; mayAdmit: boolean }) {
  const { lobby } = texts.value;
  const name = nameOf(person);
  return (
    <li class="queue-line">
      <span class="queue-place">
        <span class="unseen">{lobby.place} </span>
        {place}
      </span>
      <div class="stack stack-small">
        <Who person={person} />
        {(mayAct || mayAdmit) && (
          <div class="row">
            {mayAdmit && (
              <button
                type="button"
                class="button button-primary button-small"
                aria-label={lobby.admitName(name)}
                aria-busy={control.busy.value === `admit ${person.participantId}`}
                onClick={() => void control.admit(person)}
              >
                {lobby.admit}
              </button>
            )}
            {mayAct && (
              <button
                type="button"
                class="button button-small"
                aria-label={lobby.denyName(name)}
                onClick={() => onAsk({ about: 'deny', person })}
              >
                {lobby.deny}
              </button>
            )}
          </div>
        )}
      </div>
    </li>
  );
}

/** Somebody who is let in, there or not. */
export function InsideLine({ control, person, onAsk, mayAct }: LineProps) {
  const { lobby } = texts.value;
  const name = nameOf(person);
  return (
    <li>
      <Who person={person} />
      {person.role !== 'host' && mayAct && (
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
            onClick={() => onAsk({ about: 'remove', person })}
          >
            {lobby.remove}
          </button>
        </div>
      )}
    </li>
  );
}

/** Invited and not here, or gone again. */
export function OthersList({ people }: { people: readonly LobbyPerson[] }) {
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

/** Who it is, proven how, and whether it is the one who was invited. */
function Who({ person }: { person: LobbyPerson }) {
  const { lobby, common } = texts.value;
  const { verified, displayName, role, state, present, waitingSince, matchesInvitation } = person;
  const shownAs = verified !== null && verified.name !== displayName ? displayName : null;
  const isTest = verified !== null && isTestProof(verified);
  return (
    <div class="lobby-person">
      <div class="row">
        <span class="strong">{nameOf(person)}</span>
        <Tag>{common.role[role]}</Tag>
      </div>
      {shownAs !== null && <p class="hint">{lobby.shownAs(shownAs)}</p>}
      <p class="hint">{verified === null ? lobby.notVerified : verifiedText(verified)}</p>
      {isTest && <Tag tone="warning">{common.testProof}</Tag>}
      {state === 'waiting' &&
        (matchesInvitation ? (
          <Tag tone="good">{lobby.matches}</Tag>
        ) : (
          <Tag tone="warning">{lobby.noMatch}</Tag>
        ))}
      {state === 'waiting' && waitingSince !== null && (
        <p class="hint">{lobby.waitingSince(clockText(waitingSince))}</p>
      )}
      {state === 'admitted' && <p class="hint">{present ? lobby.present : lobby.absent}</p>}
    </div>
  );
}

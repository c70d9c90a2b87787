import { LobbyError, type LobbyErrorCode } from 'sluss/gateway';
import type { Localized } from '../../shared/api.js';
import { type Refusal, refusal, type StandardCode } from '../http/refusal.js';

const CODES: Record<LobbyErrorCode, StandardCode> = {
  'illegal-transition': 'conflict',
  'unknown-participant': 'not-found',
  'already-added': 'conflict',
  forbidden: 'forbidden',
  'assurance-too-low': 'assurance-too-low',
  'identity-mismatch': 'identity-mismatch',
  'not-identified': 'not-admitted',
  'not-admitted': 'not-admitted',
  denied: 'not-admitted',
  'meeting-full': 'meeting-full',
  'host-absent': 'conflict',
  locked: 'conflict',
  'not-open': 'not-open',
  ended: 'gone',
  'bad-settings': 'internal',
  'bad-snapshot': 'internal',
};

const WORDS: Partial<Record<LobbyErrorCode, Localized>> = {
  'host-absent': {
    sv: 'Mötet har inte börjat: vänta tills värden är i mötet.',
    en: 'The meeting has not begun: wait until the host is in it.',
  },
  locked: { sv: 'Mötet är låst. Ingen ny släpps in.', en: 'The meeting is locked. Nobody new is let in.' },
};

/** What a person is told when the lobby refuses; other errors as they are. */
export function lobbyRefusal(error: unknown): unknown {
  if (!(error instanceof LobbyError)) return error;
  return refusal(CODES[error.code], { localized: WORDS[error.code] }) satisfies Refusal;
}

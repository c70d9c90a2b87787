/** Whether somebody has proven who they are, as far as a meeting asks for it. Each check throws a `LobbyError`. */
import { type Assurance, reaches } from '../eid/eid-provider.js';
import { LobbyError } from './lobby-error.js';
import type { IdentityProof, LobbyParticipant, LobbySettings } from './lobby-types.js';

/** Throws `not-identified`, `assurance-too-low`, `identity-mismatch`. */
export function checkProven(participant: LobbyParticipant, settings: LobbySettings): void {
  const { verified } = participant;
  if (!verified) throw new LobbyError('not-identified', 'they have not proven who they are');
  checkAssurance(verified.assurance, settings);
  checkInvited(participant, verified);
}

/** Throws `assurance-too-low`. */
export function checkAssurance(assurance: Assurance, { minimumAssurance }: LobbySettings): void {
  if (!reaches(assurance, minimumAssurance)) {
    throw new LobbyError(
      'assurance-too-low',
      `the meeting asks for level ${minimumAssurance}, proven is ${assurance}`,
    );
  }
}

/** The invitation may name a person. Throws `identity-mismatch`. */
export function checkInvited(
  { invitedIdentity }: LobbyParticipant,
  { matchesInvitation }: IdentityProof,
): void {
  if (invitedIdentity !== null && !matchesInvitation) {
    throw new LobbyError('identity-mismatch', 'the invitation names another person');
  }
}

/** An invitation belongs to the first who proves an identity with it. Throws `identity-mismatch`, `illegal-transition`. */
export function checkSamePerson({ verified, state }: LobbyParticipant, proof: IdentityProof): void {
  if (!verified) return;
  if (verified.pseudonym !== undefined) {
    if (proof.pseudonym === verified.pseudonym) return;
    throw new LobbyError('identity-mismatch', 'somebody else has used this invitation');
  }
  // Nothing to compare: what a host decided about one person must not serve another.
  if (state !== 'identified' && state !== 'left') {
    const message = `identified already, and ${state}; without a pseudonym not again`;
    throw new LobbyError('illegal-transition', message);
  }
}

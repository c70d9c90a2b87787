import type {
  EncryptionDemand,
  InformationClass,
  MeetingTypeView,
  ProtectionLevel,
} from '../../shared/api.js';

/** Ascending. */
export const ENCRYPTION_DEMANDS: readonly EncryptionDemand[] = ['off', 'required'];
export const PROTECTION_LEVELS: readonly ProtectionLevel[] = [1, 2, 3, 4];
export const CLASS_ASPECTS = ['confidentiality', 'integrity', 'availability'] as const;

/** The aspects in which information needs more protection than was approved. */
export function exceededAspects(actual: InformationClass, approved: InformationClass): string[] {
  return CLASS_ASPECTS.filter((aspect) => actual[aspect] > approved[aspect]);
}

export function encryptionReaches(
  actual: EncryptionDemand,
  demand: MeetingTypeView['endToEndEncryption'],
): boolean {
  return ENCRYPTION_DEMANDS.indexOf(actual) >= ENCRYPTION_DEMANDS.indexOf(demand);
}

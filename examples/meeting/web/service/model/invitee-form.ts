import type { InviteeInput, Language, MeetingRole, PortalOverview } from '../../../shared/api.js';
import { texts } from '../texts/texts.js';
import { emailAddress, filled, orEmpty, personalNumber, phoneNumber, plainNumber } from './checks.js';
import { type AnyField, Field, Form } from './form.js';

export type InviteeRole = Exclude<MeetingRole, 'host'>;
export const INVITEE_ROLES: readonly InviteeRole[] = ['participant', 'relative', 'interpreter', 'authority'];
export type Via = InviteeInput['via'];

/** How invitations can go out here, the usual way first. A link to copy can always be had. */
export function waysOf({
  emailEnabled,
  smsEnabled,
}: Pick<PortalOverview, 'emailEnabled' | 'smsEnabled'>): Via[] {
  return [...(emailEnabled ? ['email' as const] : []), ...(smsEnabled ? ['sms' as const] : []), 'link'];
}

/** One person to invite. Which address counts follows from how the invitation goes out. */
export class InviteeForm {
  readonly name = new Field<string>(
    'invitee-name',
    '',
    filled(() => texts.value.booking.people.nameMissing),
  );
  readonly role = new Field<InviteeRole>('invitee-role', 'participant');
  readonly via: Field<Via | null>;
  readonly email = new Field<string>(
    'invitee-email',
    '',
    emailAddress(() => texts.value.booking.people.emailMissing),
  );
  readonly phone = new Field<string>(
    'invitee-phone',
    '',
    phoneNumber(() => texts.value.booking.people.phoneMissing),
  );
  readonly personalNumber = new Field<string>(
    'invitee-personal-number',
    '',
    orEmpty(personalNumber(() => texts.value.booking.people.personalNumberWrong)),
  );
  readonly language = new Field<Language>('invitee-language', 'sv');
  readonly form = new Form(() => this.#fields());

  constructor(private readonly usual: Via) {
    this.via = new Field<Via | null>('invitee-via', usual);
  }

  /** Something was typed and not added. */
  get begun(): boolean {
    return [this.name, this.email, this.phone, this.personalNumber].some(
      (field) => field.peek().trim() !== '',
    );
  }

  read(): InviteeInput {
    const via = this.via.peek() ?? this.usual;
    const number = plainNumber(this.personalNumber.peek());
    return {
      name: this.name.peek().trim(),
      role: this.role.peek(),
      via,
      ...(via === 'email' ? { email: this.email.peek().trim() } : {}),
      ...(via === 'sms' ? { phone: plainNumber(this.phone.peek()) } : {}),
      ...(number === '' ? {} : { personalNumber: number }),
      language: this.language.peek(),
    };
  }

  clear(): void {
    for (const field of [this.name, this.email, this.phone, this.personalNumber]) field.reset('');
    this.role.reset('participant');
    this.via.reset(this.usual);
    this.language.reset('sv');
  }

  #fields(): AnyField[] {
    const address = this.via.value === 'email' ? [this.email] : this.via.value === 'sms' ? [this.phone] : [];
    return [this.name, this.role, this.via, ...address, this.personalNumber, this.language];
  }
}

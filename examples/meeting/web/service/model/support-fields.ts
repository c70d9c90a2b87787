import type { SupportContact } from '../../../shared/api.js';
import { texts } from '../texts/texts.js';
import { Field } from './form.js';

/** The four lines of a support contact; one way to reach it must be there. */
export class SupportFields {
  readonly name: Field<string>;
  readonly phone: Field<string>;
  readonly email: Field<string>;
  readonly hours: Field<string>;

  constructor(support: SupportContact) {
    this.name = new Field('support-name', support.name);
    this.phone = new Field('support-phone', support.phone, (phone) =>
      phone.trim() === '' && this.email.peek().trim() === ''
        ? () => texts.value.admin.organisation.supportMissing
        : null,
    );
    this.email = new Field('support-email', support.email);
    this.hours = new Field('support-hours', support.hours);
  }

  get all(): Field<string>[] {
    return [this.name, this.phone, this.email, this.hours];
  }

  read(): SupportContact {
    const text = (field: Field<string>) => field.peek().trim();
    return {
      name: text(this.name),
      phone: text(this.phone),
      email: text(this.email),
      hours: text(this.hours),
    };
  }
}

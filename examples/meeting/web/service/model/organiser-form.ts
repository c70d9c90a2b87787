import type { OrganiserInput, PortalRole } from '../../../shared/api.js';
import { texts } from '../texts/texts.js';
import { emailAddress, filled, personalNumber, plainNumber } from './checks.js';
import { type AnyField, Field, Form } from './form.js';

export type Login = 'code' | 'personalNumber' | 'hsaId';
export const LOGINS: readonly Login[] = ['code', 'personalNumber', 'hsaId'];

/** Somebody who may sign in to the portal, and by what. */
export class OrganiserForm {
  readonly name = new Field<string>(
    'name',
    '',
    filled(() => texts.value.admin.organisers.nameMissing),
  );
  readonly email = new Field<string>(
    'email',
    '',
    emailAddress(() => texts.value.admin.organisers.emailMissing),
  );
  readonly login = new Field<Login | null>('login', 'code');
  readonly personalNumber = new Field<string>(
    'personal-number',
    '',
    personalNumber(() => texts.value.admin.organisers.personalNumberWrong),
  );
  readonly hsaId = new Field<string>(
    'hsa-id',
    '',
    filled(() => texts.value.admin.organisers.hsaIdMissing),
  );
  readonly roles: Field<readonly PortalRole[]>;
  readonly form = new Form(() => this.fields);

  constructor(private readonly usualRoles: readonly PortalRole[]) {
    this.roles = new Field<readonly PortalRole[]>('roles', usualRoles, (roles) =>
      roles.length === 0 ? () => texts.value.admin.organisers.rolesMissing : null,
    );
  }

  get fields(): AnyField[] {
    const login = this.login.value;
    const proof = login === 'personalNumber' ? [this.personalNumber] : login === 'hsaId' ? [this.hsaId] : [];
    return [this.name, this.email, this.login, ...proof, this.roles];
  }

  read(): OrganiserInput {
    const login = this.login.peek();
    return {
      name: this.name.peek().trim(),
      email: this.email.peek().trim(),
      ...(login === 'personalNumber' ? { personalNumber: plainNumber(this.personalNumber.peek()) } : {}),
      ...(login === 'hsaId' ? { hsaId: this.hsaId.peek().trim() } : {}),
      roles: [...this.roles.peek()],
    };
  }

  clear(): void {
    for (const field of [this.name, this.email, this.personalNumber, this.hsaId]) field.reset('');
    this.login.reset('code');
    this.roles.reset(this.usualRoles);
  }
}

/** Who can sign in at the OpenID provider of the simulator. */
export interface OidcPerson {
  readonly sub: string;
  readonly name: string;
  readonly givenName: string;
  readonly surname: string;
  readonly personalNumber: string;
  readonly hsaId: string;
}

export const ANNA: OidcPerson = {
  sub: 'a-4f1c',
  name: 'Anna Ängström',
  givenName: 'Anna',
  surname: 'Ängström',
  personalNumber: '198001012389',
  hsaId: 'SE2120000000-A001',
};
export const BERTIL: OidcPerson = {
  sub: 'b-77d0',
  name: 'Bertil Öberg',
  givenName: 'Bertil',
  surname: 'Öberg',
  personalNumber: '197502036781',
  hsaId: 'SE2120000000-B002',
};
export const PEOPLE: readonly OidcPerson[] = [ANNA, BERTIL];

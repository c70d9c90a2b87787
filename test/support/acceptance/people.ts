/** Those of the acceptance tests. All of them, and their numbers, are made up. */
import type { BankIdPerson } from '../eid/bankid/bankid-pki.js';
import { ANNA, type FrejaPerson } from '../eid/freja/results.js';
import { ANNA as INTERPRETER } from '../eid/oidc/people.js';

function person(givenName: string, surname: string, personalNumber: string): BankIdPerson {
  return { givenName, surname, name: `${givenName} ${surname}`, personalNumber };
}

/** Logs in with codes to this address; proves more with BankID. */
export const HOST = {
  ...person('Olle', 'Organiserare', '197003042392'),
  email: 'olle.organiserare@demokommunen.example',
};
export const DISA = { ...person('Disa', 'Dahl', '198805122382'), email: 'disa.dahl@citizens.example' };
export const EVERT = { ...person('Evert', 'Ek', '194911032391'), email: 'evert.ek@citizens.example' };
const FREJA_NUMBER = '199207152381';
export const FRIDA = {
  ...person('Frida', 'Falk', FREJA_NUMBER),
  email: 'frida.falk@citizens.example',
  freja: { ...ANNA, name: 'Frida', surname: 'Falk', ssn: FREJA_NUMBER } satisfies FrejaPerson,
};
/** One of those whom the simulated OpenID provider knows. */
export const TOLK = { ...INTERPRETER, email: 'tolk@interpreters.example' };
/** Nobody invited her. */
export const STINA = person('Stina', 'Sten', '196502282392');

/** As they may not be found anywhere. */
export const SECRET_NUMBERS: readonly string[] = [HOST, DISA, EVERT, FRIDA, TOLK, STINA].map(
  ({ personalNumber }) => personalNumber,
);

import t from 'tap';
import { readClaims } from '#src/gateway/eid/oidc/claims.js';
import * as readyMade from '#src/gateway/eid/oidc/ready-made.js';

const { BANKID_NORWAY, EIDAS, FINLAND_FTN, SITHS, SWEDEN_CONNECT } = readyMade;

t.test('each ready-made profile reads the claims of its provider', (t) => {
  t.match(
    readClaims(
      {
        acr: 'http://ftn.ficora.fi/2017/loa3',
        'urn:oid:1.2.246.21': '010180-123a',
        'urn:oid:1.2.246.575.1.14': 'Aino',
        'urn:oid:2.5.4.4': 'Åberg',
      },
      FINLAND_FTN,
    ),
    {
      person: {
        subjectType: 'personal-number-fi',
        subject: '010180-123A',
        name: 'Aino Åberg',
        givenName: 'Aino',
        surname: 'Åberg',
        assurance: 'high',
      },
    },
  );
  t.match(
    readClaims({ acr: 'urn:bankid:bid;LOA=4', nnin_altsub: '01018012345', name: 'Kari Øy' }, BANKID_NORWAY),
    { person: { subjectType: 'personal-number-no', subject: '01018012345', assurance: 'high' } },
  );
  t.match(
    readClaims(
      {
        acr: 'http://id.elegnamnden.se/loa/1.0/loa3',
        'https://id.oidc.se/claim/personalIdentityNumber': '19800101-2389',
        name: 'Anna',
      },
      SWEDEN_CONNECT,
    ),
    { person: { subject: '198001012389', assurance: 'substantial' } },
  );
  t.match(
    readClaims(
      {
        acr: 'http://id.elegnamnden.se/loa/1.0/eidas-nf-sub',
        'https://id.swedenconnect.se/claim/prid': 'NO:05068907693',
        name: 'Kari',
      },
      EIDAS,
    ),
    { person: { subjectType: 'prid', subject: 'NO:05068907693' } },
  );
  for (const profile of Object.values(readyMade)) {
    t.match(profile.label, { sv: /\S/, en: /\S/ });
    t.not(Object.keys(profile.assurances).length, 0);
  }
  t.end();
});

t.test('what is missing or of another form proves nothing', (t) => {
  const whole = { acr: 'http://id.sambi.se/loa/loa3', employeeHsaId: 'se2120000000-a1', name: 'Anna' };
  t.match(readClaims(whole, SITHS), { person: { subject: 'SE2120000000-A1', alsoKnownAs: undefined } });
  const reasons = [
    [{ acr: undefined }, 'acr-not-accepted'],
    [{ acr: 'toString' }, 'acr-not-accepted'],
    [{ acr: ['http://id.sambi.se/loa/loa3'] }, 'acr-not-accepted'],
    [{ employeeHsaId: undefined }, 'subject-missing'],
    [{ employeeHsaId: 42 }, 'subject-missing'],
    [{ employeeHsaId: 'SE212' }, 'subject-form'],
    [{ employeeHsaId: 'SE2120000000-A1\n' }, 'subject-missing'],
    [{ name: ' ' }, 'name-missing'],
    [{ name: 'A\u0000' }, 'name-missing'],
  ] as const;
  for (const [change, reason] of reasons) {
    t.strictSame(readClaims({ ...whole, ...change }, SITHS), { reason }, JSON.stringify(change));
  }
  t.match(
    readClaims({ ...whole, credentialPersonalIdentityNumber: 'unknown' }, SITHS),
    { person: { alsoKnownAs: undefined } },
    'a second number of another form is left out',
  );
  t.end();
});

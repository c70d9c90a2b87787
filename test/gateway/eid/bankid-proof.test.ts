import { createHash } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { readPemCertificates } from '#src/gateway/eid/bankid/certificate.js';
import { type CompletionExpectation, verifyCompletion } from '#src/gateway/eid/bankid/completion-proof.js';
import {
  bitStringOctets,
  children,
  DerError,
  readDer,
  readGeneralizedTime,
  readOid,
} from '#src/gateway/eid/bankid/der.js';
import type { ProofReason } from '#src/gateway/eid/bankid/proof-error.js';
import { type CompletionData, readCollectAnswer } from '#src/gateway/eid/bankid/rp-answers.js';
import { ANNA, BERTIL, signatureRoot } from '../../support/eid/bankid/bankid-pki.js';
import { FORGERIES, type Forgery } from '../../support/eid/bankid/forgeries.js';
import { SimulatedOrders } from '../../support/eid/bankid/orders.js';
import { BankIdPhone } from '../../support/eid/bankid/phone.js';

const NOW = Date.UTC(2026, 5, 1, 12);
const VISIBLE = Buffer.from('Möte').toString('base64');
const NOT_VISIBLE = Buffer.from('a nonce of this order').toString('base64');

const expected: CompletionExpectation = {
  roots: readPemCertificates(signatureRoot().pem),
  userVisibleData: VISIBLE,
  userNonVisibleData: NOT_VISIBLE,
  startedAt: NOW - 10_000,
  now: NOW,
};

/** As `collect` gives it when Anna has approved. */
function completion(forgery: Forgery | null = null): CompletionData {
  const orders = new SimulatedOrders(() => NOW);
  const order = orders.begin({
    endUserIp: '192.0.2.1',
    userVisibleData: VISIBLE,
    userNonVisibleData: NOT_VISIBLE,
  });
  const phone = new BankIdPhone(orders, () => NOW);
  phone.open(`bankid:///?autostarttoken=${order.autoStartToken}&redirect=null`);
  phone.approve(ANNA, forgery);
  const answer = readCollectAnswer(order.answer(), order.orderRef);
  if (answer?.status !== 'complete') throw new Error('the order is complete');
  return answer.completionData;
}

t.test('a proof that holds gives the person of the certificate', async (t) => {
  const { person, reason } = verifyCompletion(completion(), expected);
  t.equal(reason, null);
  t.match(person, {
    subject: ANNA.personalNumber,
    name: 'Anna Ängström',
    givenName: 'Anna',
    surname: 'Ängström',
  });
  t.match(JSON.parse(person?.evidence ?? ''), {
    user: { personalNumber: ANNA.personalNumber },
    signature: /^[\w+/]+=*$/,
  });
  t.equal(
    person?.evidenceHash,
    createHash('sha256')
      .update(person?.evidence ?? '')
      .digest('hex'),
  );
});

const REASONS: Record<Forgery, ProofReason> = {
  'signed-by-another-key': 'xml-signature-value',
  'other-person': 'person-mismatch',
  'signed-data-swapped': 'xml-digest',
  'signed-data-of-another-order': 'signed-data-mismatch',
  'visible-data-swapped': 'signed-data-mismatch',
  wrapped: 'xml-profile',
  'key-info-swapped': 'chain-untrusted',
  'external-reference': 'xml-profile',
  'reference-left-out': 'xml-profile',
  'weak-algorithm': 'xml-algorithm',
  'doctype-bomb': 'xml-doctype',
  'not-xml': 'xml-malformed',
  'no-signature': 'completion-incomplete',
  'huge-signature': 'signature-too-large',
  'untrusted-root': 'chain-untrusted',
  'issued-by-a-person': 'chain-constraint',
  'certificate-expired': 'chain-expired',
  'certificate-without-usage': 'leaf-usage',
  'ocsp-missing': 'completion-incomplete',
  'ocsp-garbage': 'ocsp-unreadable',
  'ocsp-revoked': 'ocsp-status',
  'ocsp-unknown': 'ocsp-status',
  'ocsp-unsuccessful': 'ocsp-status',
  'ocsp-old': 'ocsp-stale',
  'ocsp-of-the-future': 'ocsp-stale',
  'ocsp-outdated-status': 'ocsp-stale',
  'ocsp-wrong-nonce': 'ocsp-nonce',
  'ocsp-without-nonce': 'ocsp-nonce',
  'ocsp-other-certificate': 'ocsp-other-certificate',
  'ocsp-signed-by-a-person': 'ocsp-signer',
  'ocsp-signature-broken': 'ocsp-signature',
};

t.test('each way to deceive is found out for what it is', async (t) => {
  for (const forgery of FORGERIES) {
    const verdict = verifyCompletion(completion(forgery), expected);
    t.strictSame(verdict, { person: null, reason: REASONS[forgery] }, forgery);
  }
});

t.test('a good proof is good for one order, one person and its own time', async (t) => {
  const good = completion();
  const reasonFor = (changes: Partial<CompletionExpectation>, data = good): ProofReason | null =>
    verifyCompletion(data, { ...expected, ...changes }).reason;
  t.equal(reasonFor({ userNonVisibleData: 'b3RoZXI=' }), 'signed-data-mismatch');
  t.equal(reasonFor({ userVisibleData: null }), 'signed-data-mismatch');
  t.equal(
    reasonFor({ startedAt: NOW + 3 * 60_000, now: NOW + 4 * 60_000 }),
    'ocsp-stale',
    'of before the order',
  );
  t.equal(reasonFor({ now: Date.UTC(2046, 0, 1) }), 'chain-expired');
  t.equal(reasonFor({ roots: readPemCertificates(signatureRoot('Other').pem) }), 'chain-untrusted');
  t.equal(reasonFor({}, { ...good, personalNumber: BERTIL.personalNumber }), 'person-mismatch');
  t.equal(reasonFor({}, { ...good, signature: `${good.signature}\n` }), 'signature-not-base64');
  t.equal(
    reasonFor({}, { ...good, ocspResponse: completion().ocspResponse }),
    'ocsp-nonce',
    "another signature's",
  );
});

t.test('no octet of a signature can be changed', async (t) => {
  const good = completion();
  const bytes = Buffer.from(good.signature ?? '', 'base64');
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const changed = Buffer.from(bytes);
      changed[at] ^= change;
      const data = { ...good, signature: changed.toString('base64') };
      return verifyCompletion(data, expected).reason !== null;
    }),
    { numRuns: 60 },
  );
  t.pass();
});

t.test('whatever comes as an OCSP response, there is a verdict', async (t) => {
  const good = completion();
  const bytes = Buffer.from(good.ocspResponse ?? '', 'base64');
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.uint8Array({ minLength: 1, maxLength: 4 }), (at, change) => {
      const changed = Buffer.concat([bytes.subarray(0, at), change, bytes.subarray(at + 1)]);
      const verdict = verifyCompletion({ ...good, ocspResponse: changed.toString('base64') }, expected);
      return verdict.person === null || verdict.person.subject === ANNA.personalNumber;
    }),
    { numRuns: 60 },
  );
  t.pass();
});

t.test('DER: what is cut off, endless or trailing is refused', async (t) => {
  const hex = (text: string): Buffer => Buffer.from(text, 'hex');
  t.equal(readOid(readDer(hex('06092b0601050507300102'))), '1.3.6.1.5.5.7.48.1.2');
  t.equal(readGeneralizedTime(readDer(Buffer.from('\x18\x0f20260601120000Z'))), NOW);
  t.strictSame(
    children(readDer(hex('3006020101020102'))).map(({ content }) => content[0]),
    [1, 2],
  );
  t.throws(() => readDer(hex('30')), DerError);
  t.throws(() => readDer(hex('300502')), DerError);
  t.throws(() => readDer(hex('30800000')), DerError, 'indefinite length is BER');
  t.throws(() => readDer(hex('3084ffffffff')), DerError);
  t.throws(() => readDer(hex('020101ff')), DerError, 'something follows');
  t.throws(() => readDer(hex('1f8101')), DerError);
  t.throws(() => children(readDer(hex('020101'))), DerError, 'nothing inside');
  t.throws(() => bitStringOctets(readDer(hex('03020780'))), DerError, 'unused bits');
  t.throws(() => readGeneralizedTime(readDer(Buffer.from('\x18\x0d202606011200Z'))), DerError);
  t.throws(() => readOid(readDer(hex('020101'))), DerError);
});

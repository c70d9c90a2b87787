/** A person's phone with the BankID app: it takes an order by QR code or link, and signs. */
import { createHash } from 'node:crypto';
import type { TestCertificate } from '../pki.js';
import { testKey } from '../pki.js';
import {
  ANNA,
  type BankIdPerson,
  BERTIL,
  issuingCa,
  ocspResponder,
  personCertificate,
  type PersonCertificate,
} from './bankid-pki.js';
import type { Forgery } from './forgeries.js';
import { buildOcspResponse, buildUnsuccessfulResponse, type OcspAnswer } from './ocsp.js';
import type { SimulatedOrder, SimulatedOrders } from './orders.js';
import { signAsBankId, type SignatureRequest } from './signature.js';

const HOUR_MS = 3_600_000;

export class BankIdPhone {
  #order: SimulatedOrder | null = null;
  /** Of the link that opened the app; null: the code was scanned. */
  #redirect: string | null = null;

  constructor(
    private readonly orders: SimulatedOrders,
    private readonly now: () => number,
  ) {}

  /** Throws when the app would not take the code. */
  scan(qrText: string): void {
    this.#redirect = null;
    this.#take(this.orders.byQr(qrText));
  }

  /** `EidStatus.launch`, either of them. */
  open(launchUrl: string): void {
    const url = new URL(launchUrl);
    const isOurs = url.protocol === 'bankid:' || url.origin === 'https://app.bankid.com';
    if (!isOurs) throw new Error('the link does not open the app');
    this.#redirect = url.searchParams.get('redirect');
    this.#take(this.orders.byAutoStartToken(url.searchParams.get('autostarttoken')));
  }

  /**
   * The security code is typed and the order signed; with `forgery`, by somebody who deceives in the person's name. Returns
   * what the app then opens in the browser: nothing when it is another device; the order's own address before the link's.
   */
  approve(person: BankIdPerson = ANNA, forgery: Forgery | null = null): string | null {
    const order = this.#current();
    order.complete(this.#completionData(order, person, forgery));
    if (this.#redirect === null) return null;
    return order.request.returnUrl ?? (this.#redirect === 'null' ? null : this.#redirect);
  }

  decline(): void {
    this.fail('userCancel');
  }

  /** `certificateErr`, `notSupportedByUserApp` ... */
  fail(hintCode: string): void {
    this.#current().fail(hintCode);
  }

  /** What `collect` says while the order is pending. */
  hint(hintCode: string): void {
    this.#current().hintCode = hintCode;
  }

  #take(order: SimulatedOrder): void {
    order.open();
    this.#order = order;
  }

  #current(): SimulatedOrder {
    this.#order?.passTime();
    if (this.#order?.status !== 'pending') throw new Error('the app has no order: scan or open one first');
    return this.#order;
  }

  #completionData(
    order: SimulatedOrder,
    person: BankIdPerson,
    forgery: Forgery | null,
  ): Record<string, unknown> {
    const signer = personCertificate(
      forgery === 'other-person' ? other(person) : person,
      certificateKind(forgery),
    );
    const request: SignatureRequest = {
      userVisibleData:
        forgery === 'visible-data-swapped'
          ? base64('Betala 10 000 kr')
          : (order.request.userVisibleData ?? null),
      userNonVisibleData:
        forgery === 'signed-data-of-another-order'
          ? base64('somebody else asked for this')
          : (order.request.userNonVisibleData ?? null),
      signer,
      issuers: issuersOf(forgery),
      serverNonce: order.serverNonce,
    };
    const signature = strange(signAsBankId(request, forgery, testKey('forger').pem), forgery);
    return {
      user: { ...person },
      device: { ipAddress: order.request.endUserIp, uhi: 'OZvYM9VvyiAmG7NA5jU5zqGcVpo=' },
      bankIdIssueDate: '2024-02-01',
      stepUp: { mrtd: false },
      ...(signature !== null && { signature }),
      ...(forgery !== 'ocsp-missing' && { ocspResponse: this.#ocsp(signer, signature ?? '', forgery) }),
    };
  }

  #ocsp(certificate: TestCertificate, signature: string, forgery: Forgery | null): string {
    if (forgery === 'ocsp-garbage') return base64('no DER at all');
    if (forgery === 'ocsp-unsuccessful') return buildUnsuccessfulResponse().toString('base64');
    const now = this.now();
    const good: OcspAnswer = {
      certificate,
      issuer: issuingCa(),
      responder: ocspResponder(),
      status: 'good',
      nonce: Buffer.concat([createHash('sha1').update(signature).digest(), Buffer.from('0123456789')]),
      producedAt: now,
      thisUpdate: now,
      nextUpdate: now + HOUR_MS,
    };
    return buildOcspResponse({ ...good, ...ocspChange(forgery, now) }).toString('base64');
  }
}

function ocspChange(forgery: Forgery | null, now: number): Partial<OcspAnswer> {
  switch (forgery) {
    case 'ocsp-revoked':
      return { status: 'revoked' };
    case 'ocsp-unknown':
      return { status: 'unknown' };
    case 'ocsp-old':
      return { producedAt: now - HOUR_MS, thisUpdate: now - HOUR_MS };
    case 'ocsp-of-the-future':
      return { producedAt: now + HOUR_MS, thisUpdate: now + HOUR_MS };
    case 'ocsp-outdated-status':
      return { thisUpdate: now - 3 * HOUR_MS, nextUpdate: now - 2 * HOUR_MS };
    case 'ocsp-wrong-nonce':
      return { nonce: createHash('sha1').update('another signature').digest() };
    case 'ocsp-without-nonce':
      return { nonce: null };
    case 'ocsp-other-certificate':
      return { certificate: ocspResponder() };
    case 'ocsp-signed-by-a-person':
      return { responder: personCertificate(BERTIL) };
    case 'ocsp-signature-broken':
      return { breakSignature: true };
    default:
      return {};
  }
}

function certificateKind(forgery: Forgery | null): PersonCertificate {
  switch (forgery) {
    case 'untrusted-root':
      return 'from-other-root';
    case 'issued-by-a-person':
      return 'from-a-person';
    case 'certificate-expired':
      return 'expired';
    case 'certificate-without-usage':
      return 'encryption-only';
    default:
      return 'good';
  }
}

function issuersOf(forgery: Forgery | null): TestCertificate[] {
  if (forgery === 'untrusted-root') return [issuingCa('Other')];
  if (forgery === 'issued-by-a-person') return [personCertificate(BERTIL), issuingCa()];
  return [issuingCa()];
}

/** What is no signature at all. */
function strange(signature: string, forgery: Forgery | null): string | null {
  if (forgery === 'no-signature') return null;
  if (forgery === 'not-xml') return base64('<Signature');
  if (forgery === 'huge-signature') return `${'A'.repeat(200_000)}${signature}`;
  return signature;
}

function other(person: BankIdPerson): BankIdPerson {
  return person.personalNumber === ANNA.personalNumber ? BERTIL : ANNA;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

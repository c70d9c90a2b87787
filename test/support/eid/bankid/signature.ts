/**
 * BankID's XML signatures: written as canonical text straight away (no blanks between elements, every namespace declared where
 * it stands), so that what is hashed here owes nothing to the library that verifies it.
 */
import { createHash, sign } from 'node:crypto';
import type { TestCertificate } from '../pki.js';
import type { Forgery } from './forgeries.js';

export interface SignatureRequest {
  /** base64, as sent with the order. */
  readonly userVisibleData: string | null;
  readonly userNonVisibleData: string | null;
  readonly signer: TestCertificate;
  /** The leaf's issuers; the root is left out. */
  readonly issuers: readonly TestCertificate[];
  /** What BankID's server adds. */
  readonly serverNonce: string;
}

const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const BANKID = 'http://www.bankid.com/signature/v1.0.0/types';
const C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="no"?>';

/** base64 of the document. */
export function signAsBankId(request: SignatureRequest, forgery: Forgery | null, otherKey: string): string {
  const signedData = signedDataXml(request);
  const keyInfo = keyInfoXml([request.signer, ...request.issuers]);
  const signedInfo = signedInfoXml(signedData, keyInfo, forgery);
  const key = forgery === 'signed-by-another-key' ? otherKey : request.signer.key.pem;
  const algorithm = forgery === 'weak-algorithm' ? 'sha1' : 'sha256';
  const value = sign(algorithm, Buffer.from(signedInfo), key).toString('base64');

  let shownData = `<Object>${signedData}</Object>`;
  let shownKeyInfo = keyInfo;
  let prolog = DECLARATION;
  if (forgery === 'signed-data-swapped') {
    shownData = `<Object>${signedDataXml({ ...request, serverNonce: 'c3dhcHBlZA==' })}</Object>`;
  }
  // The signed element is kept where nobody looks; another stands where it was.
  if (forgery === 'wrapped') {
    const fake = signedData.replace('Id="bidSignedData"', 'Id="bidSignedData2"');
    shownData = `<Object>${fake}</Object><Object>${signedData}</Object>`;
  }
  if (forgery === 'key-info-swapped') shownKeyInfo = keyInfoXml([request.signer]);
  if (forgery === 'doctype-bomb') prolog += BOMB;
  const document =
    `${prolog}<Signature xmlns="${DSIG}">${signedInfo}` +
    `<SignatureValue>${value}</SignatureValue>${shownKeyInfo}${shownData}</Signature>`;
  return Buffer.from(document).toString('base64');
}

function signedDataXml({ userVisibleData, userNonVisibleData, serverNonce }: SignatureRequest): string {
  const visible = userVisibleData ?? '';
  return (
    `<bankIdSignedData xmlns="${BANKID}" Id="bidSignedData">` +
    (visible && `<usrVisibleData charset="UTF-8" visible="wysiwys">${visible}</usrVisibleData>`) +
    (userNonVisibleData === null ? '' : `<usrNonVisibleData>${userNonVisibleData}</usrNonVisibleData>`) +
    `<srvInfo><name>${base64('cn=FP Testcert,name=Demokommunen,c=SE')}</name><nonce>${serverNonce}</nonce>` +
    `<displayName>${base64('Demokommunen')}</displayName></srvInfo>` +
    `<clientInfo><funcId>Identification</funcId><version>${base64('7.40.0')}</version>` +
    `<env><ai><type>${base64('IOS')}</type><deviceInfo>${base64('17.0')}</deviceInfo>` +
    '<uhi>AAAAAAAAAAAAAAAAAAAAAAAAAAA=</uhi><fsib>0</fsib><utb>cs1</utb></ai></env></clientInfo>' +
    '</bankIdSignedData>'
  );
}

function keyInfoXml(certificates: readonly TestCertificate[]): string {
  const list = certificates
    .map((certificate) => `<X509Certificate>${certificate.base64}</X509Certificate>`)
    .join('');
  return `<KeyInfo xmlns="${DSIG}" Id="bidKeyInfo"><X509Data>${list}</X509Data></KeyInfo>`;
}

function signedInfoXml(signedData: string, keyInfo: string, forgery: Forgery | null): string {
  const method =
    forgery === 'weak-algorithm' ? `${DSIG}rsa-sha1` : 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
  const uri = forgery === 'external-reference' ? 'https://127.0.0.1:9/data' : '#bidSignedData';
  return (
    `<SignedInfo xmlns="${DSIG}"><CanonicalizationMethod Algorithm="${C14N}"></CanonicalizationMethod>` +
    `<SignatureMethod Algorithm="${method}"></SignatureMethod>` +
    reference(` Type="${BANKID}" URI="${uri}"`, signedData) +
    (forgery === 'reference-left-out' ? '' : reference(' URI="#bidKeyInfo"', keyInfo)) +
    '</SignedInfo>'
  );
}

function reference(attributes: string, target: string): string {
  const digest = createHash('sha256').update(target).digest('base64');
  return (
    `<Reference${attributes}><Transforms><Transform Algorithm="${C14N}"></Transform></Transforms>` +
    '<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod>' +
    `<DigestValue>${digest}</DigestValue></Reference>`
  );
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** Nine levels of ten: a thousand million words, if somebody expands them. */
const BOMB =
  '<!DOCTYPE Signature [<!ENTITY a0 "bomb">' +
  Array.from({ length: 9 }, (_, level) => `<!ENTITY a${level + 1} "${`&a${level};`.repeat(10)}">`).join('') +
  ']>';

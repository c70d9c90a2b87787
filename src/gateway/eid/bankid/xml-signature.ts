/**
 * BankID's XML signature. Not XML-DSig at large: exactly the form of BankID's signature profile is taken, all else is refused.
 * What is read afterwards comes from the very octets whose digests were verified, never from the document around them.
 */
import { DOMParser, type Document, type Element, onWarningStopParsing } from '@xmldom/xmldom';
import { SignedXml } from 'xml-crypto';
import { type ReadCertificate, readCertificate } from './certificate.js';
import { ensure, ProofError } from './proof-error.js';

const MAX_BYTES = 128 * 1024;
const MAX_CERTIFICATES = 6;

const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const BANKID = 'http://www.bankid.com/signature/v1.0.0/types';
const SIGNED_DATA_ID = 'bidSignedData';
const KEY_INFO_ID = 'bidKeyInfo';

const CANONICALIZATIONS = new Set([
  'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
  'http://www.w3.org/2001/10/xml-exc-c14n#',
]);
const SIGNATURES = new Set([
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
]);
const DIGESTS = new Set([
  'http://www.w3.org/2001/04/xmlenc#sha256',
  'http://www.w3.org/2001/04/xmlenc#sha512',
]);

/** Read, but not yet believed. */
export interface UnverifiedSignature {
  readonly xml: string;
  /** The leaf first. */
  readonly certificates: readonly ReadCertificate[];
}

/** As the person's app signed them; base64 as we sent them. */
export interface SignedData {
  readonly userVisibleData: string | null;
  readonly userNonVisibleData: string | null;
}

/** `signature`: base64 of the document. Throws a `ProofError`. */
export function readSignature(signature: string): UnverifiedSignature {
  ensure(signature.length <= (MAX_BYTES * 4) / 3, 'signature-too-large');
  ensure(/^[A-Za-z\d+/]+={0,2}$/.test(signature), 'signature-not-base64');
  let xml: string;
  try {
    xml = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(signature, 'base64'));
  } catch {
    throw new ProofError('xml-malformed');
  }
  const root = parse(xml).documentElement!;
  ensure(isElement(root, DSIG, 'Signature'), 'xml-profile');
  const [signedInfo, value, keyInfo, object, ...others] = elements(root);
  ensure(others.length === 0, 'xml-profile');
  ensure(
    isElement(signedInfo, DSIG, 'SignedInfo') && isElement(value, DSIG, 'SignatureValue'),
    'xml-profile',
  );
  ensure(isElement(keyInfo, DSIG, 'KeyInfo') && keyInfo.getAttribute('Id') === KEY_INFO_ID, 'xml-profile');
  ensure(isElement(object, DSIG, 'Object'), 'xml-profile');
  const [signedData, ...strangers] = elements(object);
  ensure(strangers.length === 0 && isElement(signedData, BANKID, 'bankIdSignedData'), 'xml-profile');
  ensure(signedData.getAttribute('Id') === SIGNED_DATA_ID, 'xml-profile');
  checkSignedInfo(signedInfo);
  return { xml, certificates: readKeyInfo(keyInfo) };
}

/** Digests and signature, with the leaf's key: give it only one whose chain holds. Throws a `ProofError`. */
export function verifySignature({ xml, certificates }: UnverifiedSignature): SignedData {
  const verifier = new SignedXml({
    publicCert: certificates[0].x509.toString(),
    getCertFromKeyInfo: () => null,
  });
  let isWhole: boolean;
  try {
    verifier.loadSignature(xml);
    isWhole = verifier.checkSignature(xml);
  } catch {
    throw new ProofError('xml-signature-value');
  }
  ensure(isWhole, 'xml-digest');

  const signed = verifier.getSignedReferences().map((octets) => parse(octets).documentElement!);
  const signedData = signed.find((element) => isElement(element, BANKID, 'bankIdSignedData'));
  const keyInfo = signed.find((element) => isElement(element, DSIG, 'KeyInfo'));
  ensure(signed.length === 2 && signedData !== undefined && keyInfo !== undefined, 'xml-profile');
  const own = readKeyInfo(keyInfo);
  ensure(
    own.length === certificates.length && own.every(({ raw }, index) => raw.equals(certificates[index].raw)),
    'xml-profile',
  );
  return {
    userVisibleData: childText(signedData, 'usrVisibleData'),
    userNonVisibleData: childText(signedData, 'usrNonVisibleData'),
  };
}

/** One reference to the signed data and one to the certificates, with algorithms that we know to be good. */
function checkSignedInfo(signedInfo: Element): void {
  const [canonicalization, method, ...references] = elements(signedInfo);
  ensure(isElement(canonicalization, DSIG, 'CanonicalizationMethod'), 'xml-profile');
  ensure(isElement(method, DSIG, 'SignatureMethod'), 'xml-profile');
  ensure(
    CANONICALIZATIONS.has(algorithm(canonicalization)) && SIGNATURES.has(algorithm(method)),
    'xml-algorithm',
  );
  ensure(elements(canonicalization).length === 0 && elements(method).length === 0, 'xml-profile');
  const targets = references.map((reference) => {
    ensure(isElement(reference, DSIG, 'Reference'), 'xml-profile');
    const [transforms, digestMethod, digestValue, ...others] = elements(reference);
    ensure(others.length === 0 && isElement(transforms, DSIG, 'Transforms'), 'xml-profile');
    ensure(
      isElement(digestMethod, DSIG, 'DigestMethod') && isElement(digestValue, DSIG, 'DigestValue'),
      'xml-profile',
    );
    const steps = elements(transforms);
    ensure(steps.length === 1 && elements(steps[0]).length === 0, 'xml-profile');
    ensure(
      CANONICALIZATIONS.has(algorithm(steps[0])) && DIGESTS.has(algorithm(digestMethod)),
      'xml-algorithm',
    );
    return reference.getAttribute('URI');
  });
  // Of this document only, and both of them.
  ensure(
    targets.length === 2 && targets.includes(`#${SIGNED_DATA_ID}`) && targets.includes(`#${KEY_INFO_ID}`),
    'xml-profile',
  );
}

function readKeyInfo(keyInfo: Element): ReadCertificate[] {
  const [data, ...others] = elements(keyInfo);
  ensure(others.length === 0 && isElement(data, DSIG, 'X509Data'), 'xml-profile');
  const certificates = elements(data);
  ensure(certificates.length > 0 && certificates.length <= MAX_CERTIFICATES, 'xml-profile');
  return certificates.map((certificate) => {
    ensure(isElement(certificate, DSIG, 'X509Certificate'), 'xml-profile');
    return readCertificate(Buffer.from(certificate.textContent ?? '', 'base64'));
  });
}

function parse(xml: string): Document {
  // A document type can define entities that grow without end: refused before any parser sees it.
  ensure(!/<!\s*(?:DOCTYPE|ENTITY)/i.test(xml), 'xml-doctype');
  // Comments, CDATA and processing instructions are no part of the profile; parsers differ about them.
  ensure(!xml.includes('<!') && xml.lastIndexOf('<?') <= 0, 'xml-malformed');
  let document: Document;
  try {
    document = new DOMParser({ onError: onWarningStopParsing }).parseFromString(xml, 'text/xml');
  } catch {
    throw new ProofError('xml-malformed');
  }
  ensure(document.documentElement !== null, 'xml-malformed');
  return document;
}

function elements(parent: Element): Element[] {
  return Array.from(parent.childNodes).filter(
    (node): node is Element => node.nodeType === parent.ELEMENT_NODE,
  );
}

function isElement(element: Element | undefined, namespace: string, localName: string): boolean {
  return element?.namespaceURI === namespace && element.localName === localName;
}

function algorithm(element: Element): string {
  return element.getAttribute('Algorithm') ?? '';
}

/** Null: not there. Twice is not BankID's. */
function childText(parent: Element, localName: string): string | null {
  const found = elements(parent).filter((element) => isElement(element, BANKID, localName));
  ensure(found.length <= 1, 'xml-profile');
  return found.length === 0 ? null : (found[0].textContent ?? '').replaceAll(/\s/g, '');
}

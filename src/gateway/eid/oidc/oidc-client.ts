/**
 * openid-client, as strict as it can be: code flow with PKCE, state and nonce; metadata of the configured issuer only; the ID
 * token's signature verified, though the code flow would let TLS vouch for it; times by an injected clock.
 */
import { type CryptoKey, importJWK, type JWK } from 'jose';
import * as openid from 'openid-client';
import { BoundedExchange, ExchangeError, isSafeAddress } from '../bounded-exchange.js';
import type { OidcOptions } from './options.js';

/** What the answer of the browser must fit. */
export interface Expectation {
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

export interface VerifiedAnswer {
  readonly claims: Readonly<Record<string, unknown>>;
  /** As received. */
  readonly evidence: string;
}

interface Keys {
  readonly authentication: openid.ClientAuth;
  readonly request: openid.PrivateKey | null;
  readonly decryption: CryptoKey | null;
}

/** Clocks differ. */
const TOLERANCE_SECONDS = 30;
/** Metadata is read again after this long, so that a provider may change its addresses. */
const METADATA_LIFETIME_MS = 60 * 60_000;

export class OidcClient {
  readonly #options: OidcOptions;
  readonly #exchange: BoundedExchange;
  readonly #isInsecure: boolean;
  readonly #now: () => number;
  #keys: Promise<Keys> | null = null;
  #metadata: { readonly value: Promise<openid.ServerMetadata>; readonly at: number } | null = null;
  #jwks: openid.ExportedJWKSCache | undefined;

  /** Throws a TypeError for an issuer without TLS. */
  constructor(options: OidcOptions) {
    const issuer = new URL(options.issuer);
    if (!isSafeAddress(issuer)) throw new TypeError(`the issuer of "${options.id}" must begin with https://`);
    this.#isInsecure = issuer.protocol === 'http:';
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#exchange = new BoundedExchange({ ca: options.serverCa });
  }

  /** Where the browser goes, and what it must come back with. */
  async begin(redirectUri: string, language: string): Promise<{ url: string; expectation: Expectation }> {
    const { request } = await this.#loadKeys();
    const configuration = await this.#configure();
    const expectation: Expectation = {
      redirectUri,
      state: openid.randomState(),
      nonce: openid.randomNonce(),
      codeVerifier: openid.randomPKCECodeVerifier(),
    };
    const parameters = {
      ...this.#options.parameters,
      ...this.#demands(),
      redirect_uri: redirectUri,
      scope: (this.#options.scopes ?? ['openid', 'profile']).join(' '),
      state: expectation.state,
      nonce: expectation.nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(expectation.codeVerifier),
      code_challenge_method: 'S256',
      ui_locales: language,
    };
    const url = request
      ? await openid.buildAuthorizationUrlWithJAR(configuration, parameters, request)
      : openid.buildAuthorizationUrl(configuration, parameters);
    if (!isSafeAddress(url)) throw new ExchangeError('unreachable');
    return { url: url.href, expectation };
  }

  /** `callback`: the URL at which the browser came back. Rejects when it proves nothing. */
  async finish(callback: URL, expectation: Expectation): Promise<VerifiedAnswer> {
    const { userInfo, maxAgeSeconds } = this.#options;
    const configuration = await this.#configure();
    // Where we are is what we said, whatever stands before us changes in addresses.
    const current = new URL(expectation.redirectUri);
    current.search = callback.search;
    const tokens = await openid.authorizationCodeGrant(configuration, current, {
      expectedState: expectation.state,
      expectedNonce: expectation.nonce,
      pkceCodeVerifier: expectation.codeVerifier,
      idTokenExpected: true,
      ...(maxAgeSeconds !== undefined && { maxAge: maxAgeSeconds }),
    });
    this.#jwks = openid.getJwksCache(configuration);
    const claims = tokens.claims()!;
    const evidence = tokens.id_token!;
    if (userInfo !== true) return { claims, evidence };
    const further = await openid.fetchUserInfo(configuration, tokens.access_token, claims.sub);
    // What is signed goes before what is not.
    return {
      claims: { ...further, ...claims },
      evidence: JSON.stringify({ idToken: evidence, userInfo: further }),
    };
  }

  close(): void {
    this.#exchange.close();
  }

  #demands(): Record<string, string> {
    const { assurances, acrValues = Object.keys(assurances), essentialAcr, maxAgeSeconds } = this.#options;
    const { subject, alsoKnownAs = [], requestClaims } = this.#options;
    const named = requestClaims === true ? [subject, ...alsoKnownAs].map(({ claim }) => [claim, null]) : [];
    const idToken = {
      ...(Object.fromEntries(named) as Record<string, null>),
      ...(essentialAcr === true && { acr: { essential: true, values: acrValues } }),
    };
    return {
      acr_values: acrValues.join(' '),
      ...(Object.keys(idToken).length > 0 && { claims: JSON.stringify({ id_token: idToken }) }),
      ...(maxAgeSeconds !== undefined && { max_age: String(maxAgeSeconds) }),
    };
  }

  /** One for each use: the clock's difference is a part of it. */
  async #configure(): Promise<openid.Configuration> {
    const { authentication, decryption } = await this.#loadKeys();
    const metadata = await this.#discover();
    const configuration = new openid.Configuration(
      metadata,
      this.#options.clientId,
      {
        [openid.clockSkew]: Math.round((this.#now() - Date.now()) / 1_000),
        [openid.clockTolerance]: TOLERANCE_SECONDS,
      },
      authentication,
    );
    configuration[openid.customFetch] = this.#fetch;
    openid.enableNonRepudiationChecks(configuration);
    if (this.#isInsecure) openid.allowInsecureRequests(configuration);
    if (decryption) {
      const { alg, kid } = this.#options.decryptionKey!;
      openid.enableDecryptingResponses(configuration, undefined, {
        key: decryption,
        ...(alg !== undefined && { alg }),
        ...(kid !== undefined && { kid }),
      });
    }
    if (this.#jwks) openid.setJwksCache(configuration, this.#jwks);
    return configuration;
  }

  #discover(): Promise<openid.ServerMetadata> {
    const now = this.#now();
    if (this.#metadata && now - this.#metadata.at < METADATA_LIFETIME_MS) return this.#metadata.value;
    const value = this.#readMetadata();
    this.#metadata = { value, at: now };
    // What failed is tried again the next time.
    value.catch(() => (this.#metadata = null));
    return value;
  }

  async #readMetadata(): Promise<openid.ServerMetadata> {
    const { issuer, clientId } = this.#options;
    const found = await openid.discovery(new URL(issuer), clientId, undefined, openid.None(), {
      [openid.customFetch]: this.#fetch,
      execute: this.#isInsecure ? [openid.allowInsecureRequests] : [],
    });
    const metadata = found.serverMetadata();
    if (metadata.issuer !== issuer) throw new TypeError('discovery tells of another issuer');
    return metadata;
  }

  #loadKeys(): Promise<Keys> {
    return (this.#keys ??= loadKeys(this.#options));
  }

  readonly #fetch: openid.CustomFetch = async (url, { method, headers, body }) => {
    const octets = body === undefined || body === null ? undefined : Buffer.from(String(body as string));
    const request = {
      method,
      headers: { ...headers, ...(octets && { 'content-length': String(octets.length) }) },
      body: octets,
    };
    const answer = await this.#exchange.send(new URL(url), request, this.#options.timeoutMs ?? 10_000);
    const isEmpty = [204, 205, 304].includes(answer.status);
    const content = new Headers();
    for (const [name, value] of Object.entries(answer.headers)) {
      if (typeof value === 'string') content.set(name, value);
    }
    return new Response(isEmpty ? null : Uint8Array.from(answer.body), {
      status: answer.status,
      headers: content,
    });
  };
}

async function loadKeys({ clientAuthentication, requestKey, decryptionKey }: OidcOptions): Promise<Keys> {
  return {
    authentication: await authenticate(clientAuthentication),
    request: requestKey ? await signingKey(requestKey) : null,
    decryption: decryptionKey ? await importPrivate(decryptionKey) : null,
  };
}

async function authenticate(by: OidcOptions['clientAuthentication']): Promise<openid.ClientAuth> {
  if (by.method === 'private_key_jwt') return openid.PrivateKeyJwt(await signingKey(by.key));
  return by.method === 'client_secret_post'
    ? openid.ClientSecretPost(by.secret)
    : openid.ClientSecretBasic(by.secret);
}

async function signingKey(jwk: JWK): Promise<openid.PrivateKey> {
  return { key: await importPrivate(jwk), ...(jwk.kid !== undefined && { kid: jwk.kid }) };
}

async function importPrivate(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk);
  if (key instanceof Uint8Array || key.type !== 'private')
    throw new TypeError('expected a private key as a JWK');
  return key;
}

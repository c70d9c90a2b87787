/** How an OpenID provider is described: who it is, who we are to it, and what its claims mean. */
import type { JWK } from 'jose';
import type { Assurance, EidLog, Localized, SubjectType } from '../eid-provider.js';

/** A claim of the ID token and what it is. */
export interface IdentifierClaim {
  readonly claim: string;
  readonly type: SubjectType;
}

/** What is the same for everybody who uses a provider: see ready-made.ts. */
export interface OidcProfile {
  readonly label: Localized;
  /** Default `['openid', 'profile']`. */
  readonly scopes?: readonly string[];
  /** Accepted values of `acr` and what they are worth; any other is too low. Asked for in this order. */
  readonly assurances: Readonly<Record<string, Assurance>>;
  /** Values to ask for, where they are others than those that come back. Default: the keys of `assurances`. */
  readonly acrValues?: readonly string[];
  /** Ask for `acr` as an essential claim, too. Default false. */
  readonly essentialAcr?: boolean;
  /** The claim that identifies; a proof without it is none. */
  readonly subject: IdentifierClaim;
  readonly alsoKnownAs?: readonly IdentifierClaim[];
  /** Default `name`, `given_name`, `family_name`. The whole name may also be made of the two others. */
  readonly nameClaim?: string;
  readonly givenNameClaim?: string;
  readonly surnameClaim?: string;
  /** Ask by name for the claims that identify. Default false: the scopes give them. */
  readonly requestClaims?: boolean;
  /** Look for claims at the userinfo endpoint, too. Default false. */
  readonly userInfo?: boolean;
  /** Further parameters of the authorization request, such as `prompt`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** The person must have signed in this recently, in seconds. Default: whenever. */
  readonly maxAgeSeconds?: number;
}

export type ClientAuthentication =
  /** The private key, with `alg` and `kid`. */
  | { readonly method: 'private_key_jwt'; readonly key: JWK }
  | { readonly method: 'client_secret_basic' | 'client_secret_post'; readonly secret: string };

export interface OidcOptions extends OidcProfile {
  /** `EidProvider.id`. */
  readonly id: string;
  /** HTTPS; plain HTTP to this machine only. Whatever discovery says must come from exactly this issuer. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientAuthentication: ClientAuthentication;
  /** Private key, with `alg` and `kid`: the authorization request is signed with it. Default: not signed. */
  readonly requestKey?: JWK;
  /** Private key, with `alg`: for ID tokens that are encrypted. */
  readonly decryptionKey?: JWK;
  /** PEM: CAs of the provider's servers. Default: those of Node. */
  readonly serverCa?: string;
  readonly isTest?: boolean;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /** Of one request, connecting included. Default 10,000. */
  readonly timeoutMs?: number;
  readonly log?: EidLog;
}

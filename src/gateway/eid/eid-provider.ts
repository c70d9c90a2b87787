/**
 * What an e-ID provider is to the gateway. Every provider passes the same conformance suite
 * (test/gateway/eid/conformance.ts), so that whoever uses them need not know which one it is.
 *
 * The life of an order: `start` -> `status` again and again -> `complete` or `failed`; `cancel` whenever the person goes
 * away. A provider keeps its orders itself and forgets them `ORDER_LIFETIME_MS` after their start at the latest.
 */

export type Language = 'sv' | 'en';

/** A text for people, in every language of the service. */
export type Localized = Readonly<Record<Language, string>>;

/** eIDAS levels, ascending. Swedish LoA3 (BankID, Freja+, SITHS) is `substantial`; a code by e-mail is `low`. */
export const ASSURANCES = ['low', 'substantial', 'high'] as const;
export type Assurance = (typeof ASSURANCES)[number];

/** True when `actual` is at least `minimum`. */
export function reaches(actual: Assurance, minimum: Assurance): boolean {
  return ASSURANCES.indexOf(actual) >= ASSURANCES.indexOf(minimum);
}

/**
 * - `app`: the person's own app proves who they are; the page shows a QR code or opens the app (BankID, Freja).
 * - `redirect`: the browser goes to the provider and comes back (OpenID Connect).
 * - `code`: a code is sent to an address that the person types in (one-time code).
 * - `form`: the person claims to be somebody, without proof (test e-ID; development only).
 */
export type EidFlow = 'app' | 'redirect' | 'code' | 'form';

/** What kind of number or name `EidIdentity.subject` is. */
export type SubjectType =
  /** Swedish personal number or coordination number, 12 digits. */
  | 'personal-number-se'
  | 'personal-number-no'
  /** Finnish HETU. */
  | 'personal-number-fi'
  /** SITHS: employee's HSA-ID. */
  | 'hsa-id'
  /** eIDAS provisional identifier. */
  | 'prid'
  /** Lower case. */
  | 'email'
  /** The provider's own `sub`. */
  | 'other';

/** Somebody, proven. */
export interface EidIdentity {
  /** `EidProvider.id`. */
  readonly provider: string;
  readonly subjectType: SubjectType;
  /** Unique within `subjectType`, in its normal form. Never in a log: see `pseudonym` of whoever stores it. */
  readonly subject: string;
  /** Further identifiers that the same proof holds, such as a personal number beside an HSA-ID. */
  readonly alsoKnownAs?: readonly { readonly type: SubjectType; readonly subject: string }[];
  readonly name: string;
  readonly givenName?: string;
  readonly surname?: string;
  readonly assurance: Assurance;
  /** Milliseconds since 1970. */
  readonly authenticatedAt: number;
  /** SHA-256, hex, of `evidence`: kept when the evidence is not. */
  readonly evidenceHash: string;
  /** What the provider signed, as received; only for those who opted in to keep it. */
  readonly evidence: string;
}

export interface EidStart {
  /** The person's own address, as the server saw it. */
  readonly endUserIp: string;
  readonly userAgent: string;
  /** The e-ID app is on the device that shows the page. */
  readonly sameDevice: boolean;
  readonly language: Language;
  /** Where the person comes back to, an absolute URL of this service. `EidBroker` may add a fragment. */
  readonly returnUrl: string;
  /** What they identify for, in their language; shown by the app where it can. */
  readonly purpose?: string;
  /** Flow `code`: the address to send to. */
  readonly email?: string;
  /** Flow `form`. */
  readonly claim?: { readonly name: string; readonly personalNumber: string; readonly assurance: Assurance };
}

export interface EidOrder {
  /** Secret of the server; unguessable. */
  readonly id: string;
  readonly provider: string;
  readonly startedAt: number;
}

/** Why an order failed: stable words; `message` tells people. */
export type EidFailure =
  | 'cancelled-by-user'
  | 'expired'
  | 'start-failed'
  | 'already-in-progress'
  | 'certificate-error'
  | 'risk-blocked'
  /** The identity was proven, but not at the level that the provider must give. */
  | 'assurance-too-low'
  /** What came back does not prove what it says: forged, replayed, somebody else's. */
  | 'proof-invalid'
  /** Proven, but in another browser than the one where it began: by somebody else, or by an app that opened that one. */
  | 'returned-elsewhere'
  /** Down, slow, or answering nonsense. */
  | 'provider-unavailable'
  | 'wrong-code'
  | 'rejected';

export type EidStatus =
  | {
      readonly state: 'pending';
      readonly message: Localized;
      /** Flow `app`, other device: what the QR code holds now; another text each second. */
      readonly qr?: string;
      /** Flow `app`, same device: the links that open the app. */
      readonly launch?: { readonly desktop: string; readonly mobile: string };
      /** Flow `redirect`: where the browser goes. */
      readonly redirectUrl?: string;
      /** Flow `code`: a code is awaited; the address, partly hidden. */
      readonly codeSentTo?: string;
      readonly attemptsLeft?: number;
    }
  | { readonly state: 'complete'; readonly identity: EidIdentity }
  | { readonly state: 'failed'; readonly failure: EidFailure; readonly message: Localized };

/** What a person gives back while an order is pending. */
export type EidAnswer =
  /** Flow `code`. */
  | { readonly kind: 'code'; readonly code: string }
  /** Flow `redirect`: the whole URL to which the provider sent the browser. */
  | { readonly kind: 'callback'; readonly url: string };

export interface EidProvider {
  /** Stable word: `bankid`, `freja`, `siths`, `otp`, `test` ... */
  readonly id: string;
  readonly label: Localized;
  readonly flow: EidFlow;
  /** The highest level that it can prove. */
  readonly assurance: Assurance;
  /** Of development: named as such wherever it is offered. */
  readonly isTest: boolean;
  /**
   * True: at the end of a same-device order the app opens `EidStart.returnUrl`, with its fragment, and knows it from the
   * provider's service alone: nothing that a status tells the page leads there. `EidBroker` then lets an order finish only in
   * the browser that began it; whoever uses the provider without a broker must see to that. Default false.
   */
  readonly bindsReturn?: boolean;

  /** Rejects with an `EidError` when the provider cannot begin; nothing is left behind then. */
  start(request: EidStart): Promise<EidOrder>;
  /**
   * Never rejects: trouble is `pending` (passing) or `failed` (final). Calls as often as one likes: the provider itself
   * keeps the pace that its service asks for. An unknown or forgotten order is `failed: expired`.
   */
  status(order: EidOrder): Promise<EidStatus>;
  /** Flows `code` and `redirect`. Never rejects; the outcome shows in `status`. */
  answer(order: EidOrder, answer: EidAnswer): Promise<void>;
  /** Never rejects; unknown orders are fine. */
  cancel(order: EidOrder): Promise<void>;
  /** Frees sockets and timers; pending orders are cancelled. */
  close(): Promise<void>;
}

/** Where providers tell operators of trouble: in words of protocols, without anything of the person. pino fits. */
export interface EidLog {
  warn(fields: Record<string, unknown>, message: string): void;
}

/** An order could not begin. */
export class EidError extends Error {
  override readonly name = 'EidError';
  constructor(
    readonly failure: EidFailure,
    /** For people. */
    readonly localized: Localized,
    options?: { cause?: unknown },
  ) {
    super(localized.en, options);
  }
}

/** Orders are forgotten this long after their start; BankID's own end much earlier. */
export const ORDER_LIFETIME_MS = 10 * 60_000;

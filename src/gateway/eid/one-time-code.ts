/**
 * A code sent to an address proves that somebody reads what comes there: level `low`. Six digits, ten minutes, five
 * attempts, kept as a keyed hash; and so many codes for an address that guessing stays hopeless: with the default limits one
 * attacker has 25 tries at a million numbers in a quarter of an hour.
 */
import { createHash, createHmac, randomBytes, randomInt, randomUUID, timingSafeEqual } from 'node:crypto';
import {
  type Assurance,
  EidError,
  type EidAnswer,
  type EidOrder,
  type EidProvider,
  type EidStart,
  type EidStatus,
  type Language,
  type Localized,
  ORDER_LIFETIME_MS,
} from './eid-provider.js';

export interface CodeMessage {
  email: string;
  code: string;
  language: Language;
  validMinutes: number;
}

export interface OneTimeCodeOptions {
  /**
   * Sends the code, or drops it when nobody of this address may log in: then too it resolves, so that a stranger cannot find
   * out who may. Rejects when it cannot send at all.
   */
  send: (message: CodeMessage) => Promise<void>;
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
  /** Default: six random digits. */
  makeCode?: () => string;
  /** Codes for one address within `CODE_WINDOW_MS`. Default 5. */
  maxCodesPerAddress?: number;
  /** Default `otp`. */
  id?: string;
  label?: Localized;
}

export const MAX_ATTEMPTS = 5;
export const CODE_WINDOW_MS = 15 * 60_000;
const MAX_ORDERS = 10_000;
/** Within `CODE_WINDOW_MS`: whoever starts and cancels all the time fills no memory. */
const MAX_ADDRESSES = 20_000;

interface OpenCode {
  readonly startedAt: number;
  readonly email: string;
  readonly codeHash: Buffer;
  attemptsLeft: number;
  status: EidStatus;
}

const GONE: EidStatus = {
  state: 'failed',
  failure: 'expired',
  message: {
    sv: 'Koden gäller inte längre. Begär en ny.',
    en: 'The code is no longer valid. Ask for a new one.',
  },
};

export class OneTimeCode implements EidProvider {
  readonly id: string;
  readonly label: Localized;
  readonly flow = 'code';
  readonly assurance: Assurance = 'low';
  readonly isTest = false;
  readonly #options: OneTimeCodeOptions;
  readonly #now: () => number;
  readonly #maxCodesPerAddress: number;
  /** A code has few digits: without this key its hash could be tried through. */
  readonly #key = randomBytes(32);
  readonly #orders = new Map<string, OpenCode>();
  /** When codes went to an address; the key is a hash of it. */
  readonly #sent = new Map<string, number[]>();

  constructor(options: OneTimeCodeOptions) {
    this.#options = options;
    this.id = options.id ?? 'otp';
    this.label = options.label ?? { sv: 'Engångskod med e-post', en: 'One-time code by e-mail' };
    this.#now = options.now ?? Date.now;
    this.#maxCodesPerAddress = options.maxCodesPerAddress ?? 5;
  }

  async start({ email: typed, language }: EidStart): Promise<EidOrder> {
    const email = typed?.trim().toLowerCase() ?? '';
    if (email.length > 254 || !/^[^\s@\p{Cc}]{1,64}@[^\s@\p{Cc}]+\.[^\s@.\p{Cc}]+$/u.test(email)) {
      throw new EidError('start-failed', { sv: 'Skriv din e-postadress.', en: 'Type your e-mail address.' });
    }
    const startedAt = this.#now();
    this.#forgetExpired(startedAt);
    this.#countCode(email, startedAt);
    const id = randomUUID();
    const code = (this.#options.makeCode ?? sixDigits)();
    const open: OpenCode = {
      startedAt,
      email,
      codeHash: this.#hash(id, code),
      attemptsLeft: MAX_ATTEMPTS,
      status: GONE,
    };
    open.status = awaiting(open, {
      sv: 'Vi har skickat en kod. Skriv in den här.',
      en: 'We have sent a code. Type it here.',
    });
    try {
      await this.#options.send({ email, code, language, validMinutes: ORDER_LIFETIME_MS / 60_000 });
    } catch (cause) {
      throw new EidError(
        'provider-unavailable',
        {
          sv: 'Koden kunde inte skickas. Försök igen om en stund.',
          en: 'The code could not be sent. Try again in a while.',
        },
        { cause },
      );
    }
    this.#orders.set(id, open);
    return { id, provider: this.id, startedAt };
  }

  status({ id }: EidOrder): Promise<EidStatus> {
    this.#forgetExpired(this.#now());
    return Promise.resolve(this.#orders.get(id)?.status ?? GONE);
  }

  answer({ id }: EidOrder, answer: EidAnswer): Promise<void> {
    this.#forgetExpired(this.#now());
    const open = this.#orders.get(id);
    if (open?.status.state === 'pending' && answer.kind === 'code') this.#check(id, open, answer.code);
    return Promise.resolve();
  }

  cancel({ id }: EidOrder): Promise<void> {
    this.#orders.delete(id);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#orders.clear();
    this.#sent.clear();
    return Promise.resolve();
  }

  #check(id: string, open: OpenCode, typed: string): void {
    // People copy codes with blanks in them.
    const given = this.#hash(id, typed.replaceAll(/[\s-]/g, '').slice(0, 64));
    if (timingSafeEqual(given, open.codeHash)) {
      open.status = { state: 'complete', identity: this.#identity(open.email) };
      return;
    }
    open.attemptsLeft--;
    if (open.attemptsLeft > 0) {
      open.status = awaiting(open, {
        sv: 'Koden stämmer inte. Försök igen.',
        en: 'That is not the code. Try again.',
      });
      return;
    }
    open.status = {
      state: 'failed',
      failure: 'wrong-code',
      message: {
        sv: 'Koden var fel för många gånger. Begär en ny.',
        en: 'The code was wrong too many times. Ask for a new one.',
      },
    };
  }

  #identity(email: string): (EidStatus & { state: 'complete' })['identity'] {
    const authenticatedAt = this.#now();
    const evidence = JSON.stringify({ method: 'one-time-code', email, at: authenticatedAt });
    return {
      provider: this.id,
      subjectType: 'email',
      subject: email,
      name: email,
      assurance: this.assurance,
      authenticatedAt,
      evidence,
      evidenceHash: createHash('sha256').update(evidence).digest('hex'),
    };
  }

  #hash(orderId: string, code: string): Buffer {
    return createHmac('sha256', this.#key).update(`${orderId}:${code}`).digest();
  }

  #countCode(email: string, now: number): void {
    const key = createHash('sha256').update(email).digest('base64url');
    const recent = (this.#sent.get(key) ?? []).filter((at) => now - at < CODE_WINDOW_MS);
    const isFull =
      this.#orders.size >= MAX_ORDERS || (recent.length === 0 && this.#sent.size >= MAX_ADDRESSES);
    if (isFull || recent.length >= this.#maxCodesPerAddress) {
      throw new EidError('rejected', {
        sv: 'Det har begärts för många koder. Vänta en kvart och försök igen.',
        en: 'Too many codes were asked for. Wait a quarter of an hour and try again.',
      });
    }
    // Again at the end: the order of the map is that of the newest code.
    this.#sent.delete(key);
    this.#sent.set(key, [...recent, now]);
  }

  #forgetExpired(now: number): void {
    for (const [id, { startedAt }] of this.#orders) {
      if (now - startedAt < ORDER_LIFETIME_MS) break;
      this.#orders.delete(id);
    }
    for (const [key, times] of this.#sent) {
      if (now - times.at(-1)! < CODE_WINDOW_MS) break;
      this.#sent.delete(key);
    }
  }
}

function awaiting({ email, attemptsLeft }: OpenCode, message: Localized): EidStatus {
  return { state: 'pending', message, codeSentTo: hide(email), attemptsLeft };
}

/** `a***@example.se` */
function hide(email: string): string {
  const at = email.lastIndexOf('@');
  return `${email.slice(0, 1)}***${email.slice(at)}`;
}

function sixDigits(): string {
  return String(randomInt(1_000_000)).padStart(6, '0');
}

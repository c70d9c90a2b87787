import { createTransport } from 'nodemailer';

export interface Mail {
  to: string;
  subject: string;
  text: string;
  html: string;
  /** Local part of the Message-ID; the same when a mail is sent again, so that the receiver can drop the copy. */
  id: string;
  calendar?: { method: 'REQUEST' | 'CANCEL'; content: string };
}

/** Sends mail, or rejects with a `DeliveryError`. */
export interface Mailer {
  send(mail: Mail): Promise<void>;
  close(): void;
}

/** What could not be delivered. Its message holds no address. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  constructor(
    message: string,
    /** True: the receiver's address itself is refused; trying again does not help. */
    readonly permanent: boolean,
  ) {
    super(message);
  }
}

export interface SmtpOptions {
  /** `smtp://` (STARTTLS when offered) or `smtps://`, with user and password when needed. */
  url: string;
  /** The address that mails come from. */
  from: string;
  fromName: string;
  /** Milliseconds for connecting, greeting and each silence. Default 15,000. */
  timeout?: number;
}

export class SmtpMailer implements Mailer {
  readonly #options: SmtpOptions;
  readonly #transport;

  constructor(options: SmtpOptions) {
    const timeout = options.timeout ?? 15_000;
    this.#options = options;
    this.#transport = createTransport({
      url: options.url,
      connectionTimeout: timeout,
      greetingTimeout: timeout,
      socketTimeout: timeout,
      // Nothing in a mail of ours is read from a disk or fetched from elsewhere.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  async send(mail: Mail): Promise<void> {
    const { from, fromName } = this.#options;
    try {
      await this.#transport.sendMail({
        from: { name: fromName, address: from },
        to: { name: '', address: mail.to },
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        messageId: `<${mail.id}@${from.slice(from.indexOf('@') + 1)}>`,
        // Out-of-office answers to it help nobody (RFC 3834).
        headers: { 'Auto-Submitted': 'auto-generated' },
        icalEvent: mail.calendar && { ...mail.calendar, filename: 'invite.ics' },
      });
    } catch (error) {
      throw deliveryError(error);
    }
  }

  close(): void {
    this.#transport.close();
  }
}

/** nodemailer's own message may hold the address: only its codes are kept. */
function deliveryError(error: unknown): DeliveryError {
  const { code, responseCode, command } = error as { code?: string; responseCode?: number; command?: string };
  const said = [code, command, responseCode].filter((part) => part !== undefined).join(' ');
  const refused = command === 'RCPT TO' && responseCode !== undefined && responseCode >= 500;
  return new DeliveryError(`mail server: ${said === '' ? 'no answer' : said}`, refused);
}

/** For development: mails are kept to be read on a page, and said to have come; nothing leaves the machine. */
export class MemoryMailer implements Mailer {
  /** The newest last, 50 at most. */
  readonly mails: Mail[] = [];
  readonly #onMail: (mail: Mail) => void;

  constructor(onMail: (mail: Mail) => void = () => undefined) {
    this.#onMail = onMail;
  }

  send(mail: Mail): Promise<void> {
    this.mails.push(mail);
    if (this.mails.length > 50) this.mails.shift();
    this.#onMail(mail);
    return Promise.resolve();
  }

  close(): void {
    this.mails.length = 0;
  }
}

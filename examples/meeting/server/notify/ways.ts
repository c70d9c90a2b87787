import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Language } from '../../shared/api.js';
import { codeMail } from './code-mail.js';
import { MemoryMailer, SmtpMailer, type Mailer, type SmtpOptions } from './mailer.js';
import { HttpSmsPort, type HttpSmsOptions, type SmsPort } from './sms-port.js';

/** The ways in which messages leave the service. Null: there is no such way. */
export interface Ways {
  mailer: Mailer | null;
  sms: SmsPort | null;
  /** The address that mails and calendars name as the sender. */
  from: string;
  /** Mails that went nowhere, for the page of development; null when they do go out. */
  kept: MemoryMailer | null;
}

export interface WaysOptions {
  /** As in `Config`. */
  smtp: Pick<SmtpOptions, 'url' | 'from'> | undefined;
  sms: HttpSmsOptions | undefined;
  serviceName: string;
  production: boolean;
  log: Logger;
}

/** Without a mail server mails are kept in memory and shown in the log, so that everything can be tried; never in production. */
export function createWays({ smtp, sms, serviceName, production, log }: WaysOptions): Ways {
  const port = sms === undefined ? null : new HttpSmsPort(sms);
  if (smtp !== undefined) {
    const mailer = new SmtpMailer({ ...smtp, fromName: serviceName });
    return { mailer, sms: port, from: smtp.from, kept: null };
  }
  if (production) return { mailer: null, sms: port, from: '', kept: null };
  const kept = new MemoryMailer(({ to, subject, text }) =>
    log.info({ to, subject, text }, 'a mail that goes nowhere: set SMTP_URL to send it'),
  );
  return { mailer: kept, sms: port, from: 'meeting@localhost', kept };
}

/** For the one-time code: sent at once, since it is worth nothing later. Rejects when it cannot be sent. */
export function codeSender(
  mailer: Mailer,
  serviceName: string,
): (message: { email: string; code: string; language: Language; validMinutes: number }) => Promise<void> {
  return ({ email, ...message }) =>
    mailer.send(codeMail({ ...message, id: randomUUID(), to: email, serviceName }));
}

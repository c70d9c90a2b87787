/** A real SMTP server on 127.0.0.1 that keeps what it is sent, read by another library than wrote it. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import type { Test } from 'tap';

export interface ReceivedMail {
  from: string;
  to: string[];
  raw: string;
  mail: Email;
}

export class MailServer {
  readonly mails: ReceivedMail[] = [];
  /** Asked for each mail: an answer other than null refuses it with that SMTP code. */
  refuse: (to: string) => number | null = () => null;
  readonly #server: SMTPServer;
  #arrived: (() => void)[] = [];

  private constructor() {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onRcptTo: ({ address }, _session, callback) => {
        const code = this.refuse(address);
        if (code === null) return callback();
        callback(Object.assign(new Error('not taken'), { responseCode: code }));
      },
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const bytes = Buffer.concat(chunks);
          void PostalMime.parse(bytes).then((mail) => {
            const { mailFrom, rcptTo } = session.envelope;
            this.mails.push({
              from: mailFrom === false ? '' : mailFrom.address,
              to: rcptTo.map(({ address }) => address),
              raw: bytes.toString('latin1'),
              mail,
            });
            callback();
            for (const wake of this.#arrived.splice(0)) wake();
          });
        });
      },
    });
    this.#server.on('error', () => {});
  }

  static async start(t: Test, port = 0): Promise<MailServer> {
    const mailServer = new MailServer();
    const listening = once(mailServer.#server.listen(port, '127.0.0.1'), 'listening');
    await listening;
    t.teardown(() => mailServer.stop());
    return mailServer;
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  /** Resolves when so many mails have come in all. */
  async received(count: number): Promise<ReceivedMail[]> {
    while (this.mails.length < count) await new Promise<void>((resolve) => this.#arrived.push(resolve));
    return this.mails;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

/** The calendar parts, as they crossed the wire. */
export function calendarParts({ raw }: ReceivedMail): { type: string; text: string }[] {
  const parts = raw.matchAll(/Content-Type: (text\/calendar|application\/ics)([^]*?)\r\n\r\n([^]*?)\r\n--/g);
  return [...parts].map(([, type, headers, body]) => ({ type, text: decoded(headers, body) }));
}

function decoded(headers: string, body: string): string {
  if (/Content-Transfer-Encoding: base64/i.test(headers)) return Buffer.from(body, 'base64').toString('utf8');
  if (!/quoted-printable/i.test(headers)) return Buffer.from(body, 'latin1').toString('utf8');
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

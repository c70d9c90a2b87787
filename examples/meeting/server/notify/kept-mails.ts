import { textReply, type Route } from '../http/route.js';
import { escapeHtml } from './html.js';
import type { MemoryMailer } from './mailer.js';

/** GET /dev/mail, development only: what would have been sent, the newest first, with its links to press. */
export function keptMailsRoute(kept: MemoryMailer): Route {
  return {
    method: 'GET',
    pattern: '/dev/mail',
    handler: () => textReply('text/html; charset=utf-8', page(kept)),
  };
}

function page({ mails }: MemoryMailer): string {
  const shown = [...mails]
    .reverse()
    .map(
      ({ to, subject, text }) =>
        `<article><h2>${escapeHtml(subject)}</h2><p>Till/To: ${escapeHtml(to)}</p><pre>${withLinks(text)}</pre></article>`,
    );
  return [
    '<!doctype html>',
    '<html lang="sv"><head><meta charset="utf-8"><title>Skickad e-post (utveckling)</title>',
    '<meta name="viewport" content="width=device-width, initial-scale=1"></head>',
    '<body><main><h1>Skickad e-post (utveckling)</h1>',
    '<p>Ingen e-postserver är inställd (SMTP_URL), så breven stannar här. Ladda om sidan för att se nya.</p>',
    ...(shown.length === 0 ? ['<p>Inga brev ännu.</p>'] : shown),
    '</main></body></html>',
    '',
  ].join('\n');
}

function withLinks(text: string): string {
  return escapeHtml(text).replace(/https?:\/\/[^\s<]+/g, (url) => `<a href="${url}">${url}</a>`);
}

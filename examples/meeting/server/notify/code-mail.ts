import type { Language } from '../../shared/api.js';
import { escapeHtml } from './html.js';
import type { Mail } from './mailer.js';

/** The mail with a one-time code. It says what to do when nobody asked for it; there is no link to press. */
export function codeMail(message: {
  id: string;
  to: string;
  code: string;
  validMinutes: number;
  language: Language;
  serviceName: string;
}): Mail {
  const { code, validMinutes, language, serviceName } = message;
  const swedish = language === 'sv';
  const subject = swedish ? `Din kod till ${serviceName}` : `Your code for ${serviceName}`;
  const lines = swedish
    ? [
        `Din kod är ${code}`,
        `Skriv in den på sidan där du loggar in. Den gäller i ${validMinutes} minuter och kan användas en gång.`,
        'Lämna aldrig ut koden till någon. Har du inte bett om den kan du bortse från det här meddelandet.',
      ]
    : [
        `Your code is ${code}`,
        `Type it on the page where you log in. It is valid for ${validMinutes} minutes and can be used once.`,
        'Never give the code to anybody. If you did not ask for it, you can ignore this message.',
      ];
  const paragraphs = lines.map((line) => `<p>${escapeHtml(line)}</p>`).join('\n');
  return {
    id: message.id,
    to: message.to,
    subject,
    text: `${lines.join('\n\n')}\n`,
    html:
      `<!doctype html>\n<html lang="${language}"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>\n` +
      `<body style="margin:0;padding:24px;font:16px/1.5 Arial,sans-serif;color:#1a1a1a;background:#ffffff">\n` +
      `${paragraphs}\n</body></html>\n`,
  };
}

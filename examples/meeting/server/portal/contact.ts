/**
 * Addresses and numbers as people type them, brought to one form. Each function gives null for what is none.
 */

/** E.164, `+46701234567`. A number without country code is Swedish. */
export function normalPhone(text: string): string | null {
  const digits = text.trim().replace(/[\s()./-]/g, '');
  const international = digits.startsWith('00')
    ? `+${digits.slice(2)}`
    : digits.startsWith('0')
      ? `+46${digits.slice(1)}`
      : digits;
  return /^\+[1-9]\d{6,14}$/.test(international) ? international : null;
}

/**
 * Swedish personal or coordination number as 12 digits; takes `19800101-2389` and spaces too. The date must exist
 * (coordination numbers add 60 to the day) and the check digit fit.
 */
export function normalPersonalNumber(text: string): string | null {
  const digits = text.replace(/[\s-]/g, '');
  if (!/^(19|20)\d{10}$/.test(digits)) return null;
  const day = Number(digits.slice(6, 8));
  const month = Number(digits.slice(4, 6));
  const year = Number(digits.slice(0, 4));
  const born = new Date(Date.UTC(year, month - 1, day > 60 ? day - 60 : day));
  if (born.getUTCMonth() !== month - 1 || born.getUTCDate() !== (day > 60 ? day - 60 : day)) return null;
  return luhnFits(digits.slice(2)) ? digits : null;
}

/** `SE2321000016-A123`: organisation number and what it gave. */
export function normalHsaId(text: string): string | null {
  const id = text.trim().toUpperCase();
  return /^SE\d{10}-[A-Z0-9]{1,30}$/.test(id) ? id : null;
}

/** `a***@example.org`, `+46•••••4567`: enough to recognise, too little to use. */
export function maskedContact(contact: string): string {
  const at = contact.indexOf('@');
  if (at > 0) return `${contact[0]}***${contact.slice(at)}`;
  return `${contact.slice(0, 3)}${'•'.repeat(Math.max(contact.length - 7, 1))}${contact.slice(-4)}`;
}

function luhnFits(tenDigits: string): boolean {
  let sum = 0;
  for (let i = 0; i < 10; i++) {
    const product = Number(tenDigits[i]) * (i % 2 === 0 ? 2 : 1);
    sum += product > 9 ? product - 9 : product;
  }
  return sum % 10 === 0;
}

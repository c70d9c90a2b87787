import type { SupportContact } from '../../../shared/api.js';
import { texts } from '../texts/texts.js';

/** Whom to call. Numbers and addresses are links: phones dial. */
export function SupportLines({ support }: { support: SupportContact | null }) {
  const { common } = texts.value;
  if (support === null || (support.phone === '' && support.email === '')) return <p>{common.noSupport}</p>;
  const { name, phone, email, hours } = support;
  return (
    <div class="contact">
      {name !== '' && <p class="strong">{name}</p>}
      {phone !== '' && (
        <p>
          {common.phone}: <a href={`tel:${phone.replace(/[^\d+]/g, '')}`}>{phone}</a>
        </p>
      )}
      {email !== '' && (
        <p>
          {common.email}: <a href={`mailto:${email}`}>{email}</a>
        </p>
      )}
      {hours !== '' && (
        <p>
          {common.hours}: {hours}
        </p>
      )}
    </div>
  );
}

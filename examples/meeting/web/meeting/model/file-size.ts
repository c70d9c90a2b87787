import { language } from '../../service/texts/texts.js';

/** `734 byte`, `12 kB`, `3,4 MB` */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} byte`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`;
  const millions = (bytes / 1_000_000).toFixed(1);
  return `${language.value === 'sv' ? millions.replace('.', ',') : millions} MB`;
}

/** What every answer says to the browser, whatever it answers. */
import type { HeaderList } from './exchange.js';

const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "media-src 'self' blob:",
  "worker-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ');

const ALWAYS: HeaderList = [
  ['X-Content-Type-Options', 'nosniff'],
  // Addresses hold invitations, which let people in.
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['X-Frame-Options', 'DENY'],
  [
    'Permissions-Policy',
    'camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=()',
  ],
];

/** The page loads nothing from elsewhere, runs no inline script or style, and cannot be framed. */
export const PAGE_HEADERS: HeaderList = [['Content-Security-Policy', PAGE_POLICY], ...ALWAYS];

/** Data: shown by nobody, run by nobody, kept by nobody. */
export const DATA_HEADERS: HeaderList = [
  ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; sandbox"],
  ['Cache-Control', 'no-store'],
  ...ALWAYS,
];

/** Two years, RFC 6797; said over TLS only. */
export const TRANSPORT_SECURITY: HeaderList[number] = [
  'Strict-Transport-Security',
  'max-age=63072000; includeSubDomains',
];

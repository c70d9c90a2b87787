import { createHash, createHmac } from 'node:crypto';

/**
 * The secret in an invitation's link. It is derived from the service's own secret whenever it is needed, so that a copy
 * of the database lets nobody in; what is stored is `tokenHash`. 43 characters, 256 bits.
 */
export function invitationToken(secret: Uint8Array, invitationId: string): string {
  return createHmac('sha256', secret).update(`sluss invitation\0${invitationId}`).digest('base64url');
}

/** SHA-256, hex: what a token is looked up by. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** `https://meet.example.org/i/<token>` */
export function invitationLink(publicUrl: string, secret: Uint8Array, invitationId: string): string {
  return new URL(`/i/${invitationToken(secret, invitationId)}`, publicUrl).href;
}

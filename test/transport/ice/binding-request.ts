/** Writes the Binding requests of a controlling ICE agent, as browsers send them. */
import { createSecretKey } from 'node:crypto';
import { StunAttribute, StunClass, StunMethod } from '#src/transport/ice/stun.js';
import { StunWriter } from '#src/transport/ice/stun-writer.js';

export interface BindingRequestOptions {
  usernameFragment: string;
  password: string;
  remoteUsernameFragment?: string;
  useCandidate?: boolean;
  nomination?: number;
  controlled?: boolean;
  fingerprint?: boolean;
  integrity?: boolean;
  transactionId?: Uint8Array;
}

export function bindingRequest(options: BindingRequestOptions): Uint8Array {
  const transactionId = options.transactionId ?? Uint8Array.from({ length: 12 }, (_, i) => i + 1);
  const writer = new StunWriter(StunClass.Request, StunMethod.Binding, transactionId)
    .string(StunAttribute.Username, `${options.usernameFragment}:${options.remoteUsernameFragment ?? 'peer'}`)
    .attribute(
      options.controlled === true ? StunAttribute.IceControlled : StunAttribute.IceControlling,
      new Uint8Array(8).fill(7),
    )
    .u32(StunAttribute.Priority, 1853824767);
  if (options.useCandidate === true) writer.attribute(StunAttribute.UseCandidate, new Uint8Array(0));
  if (options.nomination !== undefined) writer.u32(StunAttribute.Nomination, options.nomination);
  if (options.integrity !== false) writer.integrity(createSecretKey(options.password, 'utf8'));
  if (options.fingerprint !== false) writer.fingerprint();
  return writer.bytes;
}

/** An epoch on its way: a fresh room key sealed for its members, and opened by one of them. */
import type { Epoch } from './epoch-book.js';
import { type EpochHeader, type Identity, importPublicKey, SALT_LENGTH } from './key-exchange.js';
import { type KeyMessage, writeKeyMessage } from './key-messages.js';
import { createRoomKey, keyIdOf, type Member } from './room-secret.js';

export type EpochMessage = KeyMessage & { type: 'epoch' };

/** `message` is null when it is for nobody else. */
export async function sealEpoch(
  identity: Identity,
  {
    room,
    number,
    selfId,
    others,
  }: { room: string; number: number; selfId: string; others: readonly Member[] },
): Promise<{ epoch: Epoch; message: string | null }> {
  const maker = { peerId: selfId, publicKey: identity.publicKey };
  const members = [...others, maker];
  const salt = crypto.getRandomValues(new Uint8Array(SALT_LENGTH));
  const header: EpochHeader = { room, number, salt, maker, members };
  const { key: roomKey, raw } = await createRoomKey();
  const wrapped = new Map(
    await Promise.all(
      others.map(async (other) => [other.peerId, await identity.wrap(raw, header, other)] as const),
    ),
  );
  raw.fill(0);
  const epoch = { number, keyId: await keyIdOf(roomKey), roomKey, makerId: selfId, members };
  const message =
    others.length === 0 ? null : writeKeyMessage({ type: 'epoch', number, salt, members, wrapped });
  return { epoch, message };
}

/** Null: not made by `maker` with that key, not for `self` with our key, changed, or with a key that is none. */
export async function openEpoch(
  identity: Identity,
  room: string,
  { number, salt, members, wrapped }: EpochMessage,
  { maker, self }: { maker: Member; self: Member },
): Promise<Epoch | null> {
  const ours = wrapped.get(self.peerId);
  if (!ours) return null;
  let roomKey: CryptoKey;
  try {
    roomKey = await identity.unwrap(ours, { room, number, salt, maker, members }, self);
    await Promise.all(members.map(({ publicKey }) => importPublicKey(publicKey)));
  } catch {
    return null;
  }
  return { number, keyId: await keyIdOf(roomKey), roomKey, makerId: maker.peerId, members };
}

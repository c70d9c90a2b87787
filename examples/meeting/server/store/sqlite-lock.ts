/**
 * One server to a database file. The lock is a Unix socket beside the file: the kernel frees it when its process ends in
 * whatever way, and it tells apart processes that have the same id in different containers.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, linkSync, openSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { StoreError } from './errors.js';

/** Between binding a socket and listening on it there is an instant in which nobody answers. */
const SECOND_LOOK_MS = 50;

/** Resolves to the function that gives the lock back; rejects with `locked`. */
export async function lockFile(folder: string, name: string): Promise<() => void> {
  const folderHandle = process.platform === 'linux' ? openSync(folder, 'r') : null;
  // The address of a socket holds 107 bytes; by way of the open folder any path is short enough.
  const address = (file: string): string =>
    folderHandle === null ? join(folder, file) : `/proc/self/fd/${folderHandle}/${file}`;
  const release = (server?: Server): void => {
    server?.close();
    if (folderHandle !== null) closeSync(folderHandle);
  };
  try {
    let server = await listen(address(name));
    if (server === null && (await isDead(address(name)))) {
      takeAway(folder, name, await moveAside(folder, name, address));
      server = await listen(address(name));
    }
    if (server === null) throw lockedError(folder);
    const held = server;
    return () => release(held);
  } catch (error) {
    release();
    throw error;
  }
}

/** Null: something has that address. */
function listen(address: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(new StoreError('unavailable', `the lock ${address} cannot be made: ${error.message}`));
    });
    server.listen(address, () => resolve(server.unref()));
  });
}

async function isDead(address: string): Promise<boolean> {
  if (await answers(address)) return false;
  await new Promise((resolve) => setTimeout(resolve, SECOND_LOOK_MS));
  return !(await answers(address));
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Moved first, judged then: another starting server may have replaced the dead lock by its own since we looked. */
async function moveAside(
  folder: string,
  name: string,
  address: (file: string) => string,
): Promise<{ aside: string; alive: boolean }> {
  const aside = `${name}.${randomUUID()}`;
  try {
    renameSync(join(folder, name), join(folder, aside));
  } catch {
    throw lockedError(folder);
  }
  return { aside, alive: await answers(address(aside)) };
}

function takeAway(folder: string, name: string, moved: { aside: string; alive: boolean }): void {
  try {
    if (moved.alive) linkSync(join(folder, moved.aside), join(folder, name));
  } finally {
    rmSync(join(folder, moved.aside), { force: true });
  }
  if (moved.alive) throw lockedError(folder);
}

function lockedError(folder: string): StoreError {
  return new StoreError(
    'locked',
    `the database in ${folder} is open in another server: stop that one first, or give this one its own DATA_DIR`,
  );
}

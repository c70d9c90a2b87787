/** What one person sees and does in the meeting itself. */
import { readFile } from 'node:fs/promises';
import type { Locator } from 'playwright-core';
import { meeting as words } from '../../../examples/meeting/web/meeting/texts/en.js';
import { type Picture, pictureOf, receptions } from '../browser/media-probe.js';
import { until } from '../browser/until.js';
import { type Attendee, en, PATIENCE } from './attendee.js';
import type { Keeper } from './keeper-script.js';

type KeeperWindow = { keeper: Keeper };

/** Brightness, 0 to 255: black, and what compression makes of it. */
const DARK = 20;

export async function isIn({ page }: Attendee): Promise<void> {
  await toolbar(page).waitFor();
}

/** Until a picture of each of these moves, and is not black: what cannot be opened is not shown. */
export async function seesMoving({ page, name }: Attendee, others: readonly string[]): Promise<void> {
  const look = async (): Promise<Map<string, { frames: number; picture: Picture | null }>> => {
    const received = await page.evaluate(receptions);
    const seen = new Map<string, { frames: number; picture: Picture | null }>();
    for (const other of others) {
      const camera = received.find(({ peer, source }) => peer === other && source === 'camera');
      seen.set(other, {
        frames: camera?.framesDecoded ?? 0,
        picture: await page.evaluate(pictureOf, other),
      });
    }
    return seen;
  };
  const before = await look();
  await until(
    `${name} sees ${others.join(', ')} move`,
    async () => {
      return [...(await look())].every(([other, { frames, picture }]) => {
        const first = before.get(other)!;
        const moves = frames > first.frames + 2 && picture?.fingerprint !== first.picture?.fingerprint;
        return moves && picture !== null && picture.brightness > DARK;
      });
    },
    PATIENCE,
  );
}

/** Exactly these others. */
export async function seesPeople({ page, name }: Attendee, others: readonly string[]): Promise<void> {
  const names = page.locator('.tile:not([data-peer="self"]) .tile-name');
  await until(
    `${name} sees exactly ${others.join(', ') || 'nobody'}`,
    async () => {
      const seen = await names.allTextContents();
      return seen.sort().join() === [...others].sort().join();
    },
    PATIENCE,
  );
}

export async function seesEncrypted({ page }: Attendee): Promise<void> {
  const { button, status } = words.encryption;
  await page.getByRole('button', { name: button(status.encrypted) }).waitFor();
}

/** The six groups that people read out to each other; another one than `former`. */
export async function securityCode(attendee: Attendee, former = ''): Promise<string> {
  const { page, name } = attendee;
  const { heading, button, status } = words.encryption;
  const panel = page.getByRole('dialog', { name: heading });
  if (!(await panel.isVisible())) {
    await page.getByRole('button', { name: button(status.encrypted) }).click();
    await panel.waitFor();
  }
  let code = '';
  await until(
    `${name}'s code`,
    async () => {
      code = (await panel.locator('.code-group [aria-hidden]').allTextContents()).join(' ');
      return code !== '' && code !== former;
    },
    PATIENCE,
  );
  await closePanel(panel);
  return code;
}

export async function writesChat(attendee: Attendee, text: string): Promise<void> {
  const panel = await openPanel(attendee, words.controls.chat, words.chat.heading);
  await panel.getByLabel(words.chat.label).fill(text);
  await panel.getByRole('button', { name: words.chat.send, exact: true }).click();
}

export async function readsChat(attendee: Attendee, from: string, text: string): Promise<void> {
  const panel = await openPanel(attendee, words.controls.chat, words.chat.heading);
  await panel.getByRole('listitem').filter({ hasText: from }).getByText(text, { exact: true }).waitFor();
}

export async function sharesDocument(attendee: Attendee, name: string, buffer: Buffer): Promise<void> {
  const panel = await openPanel(attendee, words.controls.documents, words.documents.heading);
  const mimeType = 'application/pdf';
  await panel.locator('input[type="file"]').setInputFiles({ name, mimeType, buffer });
  await panel.getByText(words.documents.shared, { exact: true }).waitFor();
}

export async function savesDocument(attendee: Attendee, name: string): Promise<Buffer> {
  const panel = await openPanel(attendee, words.controls.documents, words.documents.heading);
  const [download] = await Promise.all([
    attendee.page.waitForEvent('download'),
    panel.getByRole('button', { name: words.documents.saveName(name) }).click(),
  ]);
  if (download.suggestedFilename() !== name) throw new Error(`saved as ${download.suggestedFilename()}`);
  return readFile(await download.path());
}

// ---- host tools -------------------------------------------------------------------------------------------------

export async function lobbyOf(host: Attendee): Promise<Locator> {
  return openPanel(host, words.controls.lobby, en.lobby.heading);
}

export async function admits(host: Attendee, name: string): Promise<void> {
  const panel = await lobbyOf(host);
  await panel.getByRole('button', { name: en.lobby.admitName(name) }).click();
  await panel.getByRole('button', { name: en.lobby.admitName(name) }).waitFor({ state: 'detached' });
}

export async function denies(host: Attendee, name: string, reason: string): Promise<void> {
  const panel = await lobbyOf(host);
  await panel.getByRole('button', { name: en.lobby.denyName(name) }).click();
  const dialog = host.page.getByRole('dialog', { name: en.lobby.denyHeading(name) });
  await dialog.getByLabel(en.lobby.denyReason).fill(reason);
  await dialog.getByRole('button', { name: en.lobby.deny, exact: true }).click();
}

export async function removes(host: Attendee, name: string, reason: string): Promise<void> {
  const panel = await openPanel(host, words.controls.people, words.people.heading);
  await panel.getByRole('button', { name: words.people.removeName(name) }).click();
  const dialog = host.page.getByRole('dialog', { name: en.lobby.removeHeading(name) });
  await dialog.getByLabel(en.lobby.denyReason).fill(reason);
  await dialog.getByRole('button', { name: words.people.remove, exact: true }).click();
}

export async function endsForAll(host: Attendee): Promise<void> {
  const panel = await openPanel(host, words.controls.people, words.people.heading);
  await panel.getByRole('button', { name: words.people.end, exact: true }).click();
  const dialog = host.page.getByRole('dialog', { name: en.lobby.endQuestion });
  await dialog.getByRole('button', { name: en.lobby.end, exact: true }).click();
}

export async function leaves({ page }: Attendee): Promise<void> {
  await toolbar(page).getByRole('button', { name: words.controls.leave, exact: true }).click();
}

// ---- what only tests can look at --------------------------------------------------------------------------------

/** `Attendee.open` with `keeper`: how many keys, what the encoder made, and whether a kept key opens sealed frames. */
export const keeper = {
  keys: ({ page }: Attendee): Promise<number> =>
    page.evaluate(() => (window as unknown as KeeperWindow).keeper.keys()),
  encoded: async ({ page }: Attendee, source: 'camera' | 'microphone'): Promise<Buffer[]> => {
    const frames = await page.evaluate(
      (from) => (window as unknown as KeeperWindow).keeper.encoded(from),
      source,
    );
    return frames.map((frame) => Buffer.from(frame));
  },
  open: async ({ page }: Attendee, frames: readonly Buffer[]): Promise<(Buffer | null)[]> => {
    const given = frames.map((frame) => [...frame]);
    const opened = await page.evaluate(
      (sealed) => (window as unknown as KeeperWindow).keeper.open(sealed),
      given,
    );
    return opened.map((frame) => frame && Buffer.from(frame));
  },
};

/** Of the toolbar; an open one stays. */
async function openPanel({ page }: Attendee, button: string, heading: string): Promise<Locator> {
  const panel = page.getByRole('dialog', { name: heading, exact: true });
  if (await panel.isVisible()) return panel;
  await toolbar(page)
    .getByRole('button', { name: new RegExp(`^${button}`) })
    .click();
  await panel.waitFor();
  return panel;
}

async function closePanel(panel: Locator): Promise<void> {
  await panel.getByRole('button', { name: words.controls.closePanel, exact: true }).click();
  await panel.waitFor({ state: 'detached' });
}

function toolbar(page: Attendee['page']): Locator {
  return page.getByRole('navigation', { name: words.controls.toolbar });
}

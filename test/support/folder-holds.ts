/** Waits for what a folder comes to hold; the system tells of each change. */
import { readdirSync, watch } from 'node:fs';

/** The names in a folder that exists, as soon as `accept` takes them. */
export function folderHolds(folder: string, accept: (names: string[]) => boolean): Promise<string[]> {
  return new Promise((resolve, reject) => {
    // Before the first look: nothing can happen between the two.
    const watcher = watch(folder, () => look());
    watcher.on('error', reject);
    const look = (): void => {
      const names = readdirSync(folder);
      if (!accept(names)) return;
      watcher.close();
      resolve(names);
    };
    look();
  });
}

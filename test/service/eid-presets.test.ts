/** Numbers that pages and a fresh service suggest are ones that the service itself takes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { DEMO_PERSON } from '../../examples/meeting/server/portal/first-start.js';
import { normalPersonalNumber } from '../../examples/meeting/server/portal/contact.js';

const ROOT = new URL('../../examples/meeting/', import.meta.url).pathname;

t.test('every personal number in the sources has its check digit', async (t) => {
  const found = ['web', 'server', 'shared'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
      .flatMap(({ parentPath, name }) => {
        const path = join(parentPath, name);
        const numbers = readFileSync(path, 'utf8').match(/\b(?:19|20)\d{10}\b/g) ?? [];
        return numbers.map((number) => ({ path: path.slice(ROOT.length), number }));
      }),
  );
  for (const { path, number } of found) t.equal(normalPersonalNumber(number), number, path);
  const presets = found.filter(({ path }) => path.startsWith('web/service/components/'));
  t.ok(presets.length >= 3, 'the people that the test e-ID offers');
  t.ok(presets.some(({ number }) => number === DEMO_PERSON.personalNumber));
});

/** docs/security.md: each promise names a test, and each test that it names exists and tests something. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { codes, readDocument, ROOT, section, tableRows } from './markdown.js';

const promises = section(readDocument('docs/security.md'), 'Promises');
const rows = tableRows(promises);

/** Why there is no test. */
const WITHOUT_TEST = /^does not apply: /;

t.test('every promise has a test, or says why not', async (t) => {
  t.ok(rows.length > 50);
  for (const [promise, how, test, ...rest] of rows) {
    t.equal(rest.length, 0, promise);
    t.not(how, '', promise);
    const files = codes(test ?? '');
    if (files.length === 0) t.match(how, WITHOUT_TEST, promise);
    for (const file of files) t.match(file, /^test\/.+\.test\.ts$/, promise);
  }
});

t.test('every test that is named exists and asserts', async (t) => {
  const files = new Set(rows.flatMap(([, , test]) => codes(test ?? '')));
  for (const file of files) {
    const path = join(ROOT, file);
    if (!existsSync(path)) t.fail(`${file} does not exist`);
    else t.match(readFileSync(path, 'utf8'), /\b(test|suite|conformance|teardown|Suite)\b/i, file);
  }
});

t.test('what was promised is among the promises', async (t) => {
  const text = rows.map((cells) => cells.join(' ')).join('\n');
  for (const word of [
    '__Host-',
    'HttpOnly',
    'SameSite=Lax',
    'new session at each login',
    '128 bits',
    '30 minutes',
    '12 hours',
    'Origin',
    'frame-ancestors',
    'HSTS',
    'nosniff',
    'single-use',
    'e-ID orders',
    'one-time codes',
    'text messages',
    'waiting room and tickets',
    'signalling',
    'minimum level',
    'never a personal number',
    'Retention is a setting',
    'opt-in',
    'WCAG 2.1 AA',
    'Swedish and English',
  ]) {
    t.ok(text.includes(word), word);
  }
  t.ok(promises.includes('level 2 overall') && promises.includes('level 3 of chapter V17'));
  for (const requirement of ['17.1.1', '17.1.2', '17.3.1', '17.3.2']) t.ok(text.includes(requirement));
  for (let number = 1; number <= 8; number++) t.ok(text.includes(`17.2.${number}`));
});

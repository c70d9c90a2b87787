/** Whoever follows a link in the documents gets somewhere. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { anchors, type Document, documents, links, readDocument, ROOT } from './markdown.js';

function broken(document: Document): string[] {
  return links(document).flatMap(({ target, file, anchor }) => {
    if (file === null) return [];
    if (!existsSync(join(ROOT, file))) return [`${target}: no such file`];
    if (anchor === '' || !file.endsWith('.md')) return [];
    return anchors(readDocument(file)).has(anchor) ? [] : [`${target}: no such heading`];
  });
}

t.test('links between documents lead to files and headings that exist', async (t) => {
  const all = documents();
  t.ok(all.some(({ path }) => path === 'README.md') && all.some(({ path }) => path === 'docs/security.md'));
  for (const document of all) t.strictSame(broken(document), [], document.path);
});

t.test('a broken link is found', async (t) => {
  const text =
    '# One\n## A `b` c!\n[x](nowhere.md) [y](#a-b-c) [z](#none) [w](https://example.org/) ![p](no.png "q")';
  t.strictSame(broken({ path: 'docs/x.md', text: text.replace('#a-b-c', '#none-either') }), [
    'nowhere.md: no such file',
    '#none-either: no such file',
    '#none: no such file',
    'no.png: no such file',
  ]);
  t.ok(anchors({ path: 'docs/x.md', text }).has('a-b-c'));
});

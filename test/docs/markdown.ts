/** Just enough of Markdown to check documents: links, headings' anchors, tables. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

export interface Document {
  /** From the root: `docs/deploy.md`. */
  path: string;
  /** Without fenced code. */
  text: string;
}

/** Every document of the repository, by hand or by command. */
export function documents(): Document[] {
  const folders = ['.', 'bench', 'docs', 'examples'];
  const paths = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: folder !== '.', withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
      .filter((path) => !path.includes('node_modules')),
  );
  return paths.sort().map(readDocument);
}

export function readDocument(path: string): Document {
  const source = readFileSync(join(ROOT, path), 'utf8');
  return { path, text: source.replaceAll(/^ *(```|~~~)[\s\S]*?^ *\1 *$/gm, '') };
}

export interface Link {
  target: string;
  /** Of the root; null: the same document or the network. */
  file: string | null;
  /** Without `#`; empty: none. */
  anchor: string;
}

/** Links and pictures; those into the network are left out. */
export function links({ path, text }: Document): Link[] {
  const plain = text.replaceAll(/`[^`\n]*`/g, '');
  return [...plain.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)]
    .map(([, target]) => target)
    .filter((target) => !/^[a-z][a-z+.-]*:/i.test(target))
    .map((target) => {
      const [name, anchor = ''] = target.split('#', 2);
      const file =
        name === '' ? path : relative(ROOT, resolve(ROOT, dirname(path), decodeURIComponent(name)));
      return { target, file, anchor };
    });
}

/** As GitHub makes them from headings. */
export function anchors({ text }: Document): Set<string> {
  const found = new Set<string>();
  for (const [, heading] of text.matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, '');
    const base = words
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    let name = base;
    for (let count = 1; found.has(name); count++) name = `${base}-${count}`;
    found.add(name);
  }
  return found;
}

/** Rows of all tables, their cells without blanks around; without heads and rules. */
export function tableRows(text: string): string[][] {
  const lines = text.split('\n');
  const isRule = (line: string | undefined): boolean => /^\|[\s:|-]+\|$/.test(line ?? '');
  return lines
    .filter((line, index) => line.startsWith('|') && !isRule(line) && !isRule(lines[index + 1]))
    .map((line) =>
      line
        .slice(1, line.lastIndexOf('|'))
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}

/** From one heading to the next of the same or a higher level. */
export function section({ text }: Document, heading: string): string {
  const start = new RegExp(`^(#{1,6}) +${heading.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')} *$`, 'm').exec(
    text,
  );
  if (!start) throw new Error(`there is no heading "${heading}"`);
  const rest = text.slice(start.index + start[0].length);
  const end = rest.search(new RegExp(`^#{1,${start[1].length}} `, 'm'));
  return end < 0 ? rest : rest.slice(0, end);
}

/** What stands between single backticks. */
export function codes(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code);
}

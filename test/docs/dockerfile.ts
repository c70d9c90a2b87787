/** Reads a Dockerfile as far as ours goes: stages, and instructions with their words. */
export interface Instruction {
  name: string;
  /** As written, continued lines joined. */
  rest: string;
}

export interface Stage {
  name: string | null;
  image: string;
  instructions: Instruction[];
}

export function readDockerfile(source: string): Stage[] {
  const stages: Stage[] = [];
  const lines = source
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n');
  for (const line of lines.filter((one) => one.trim() !== '')) {
    const [, name, rest] = /^([A-Z]+) +(.*)$/.exec(line.trim()) ?? [];
    if (name === undefined) throw new Error(`not an instruction: ${line}`);
    if (name === 'FROM') {
      const [image, as, stage] = rest.split(/ +/);
      stages.push({ image, name: as === 'AS' ? stage : null, instructions: [] });
    } else stages.at(-1)!.instructions.push({ name, rest: rest.replaceAll(/ +/g, ' ') });
  }
  return stages;
}

export interface Copy {
  /** Null: the build context. */
  from: string | null;
  sources: string[];
  target: string;
}

export function copies({ instructions }: Stage): Copy[] {
  return instructions
    .filter(({ name }) => name === 'COPY')
    .map(({ rest }) => {
      const words = rest.split(' ');
      const flag = words.find((word) => word.startsWith('--from='));
      const paths = words.filter((word) => !word.startsWith('--'));
      return { from: flag?.slice(7) ?? null, sources: paths.slice(0, -1), target: paths.at(-1)! };
    });
}

/** Variables of all ENV instructions. */
export function environment({ instructions }: Stage): Record<string, string> {
  const pairs = instructions
    .filter(({ name }) => name === 'ENV')
    .flatMap(({ rest }) => rest.trim().split(' '))
    .map((pair) => pair.split('=', 2) as [string, string]);
  return Object.fromEntries(pairs);
}

/** The words of an instruction in its JSON form; what stands before, such as options, is left out. */
export function jsonForm({ instructions }: Stage, name: string): string[] {
  const found = instructions.findLast((instruction) => instruction.name === name);
  if (!found) throw new Error(`there is no ${name}`);
  return JSON.parse(found.rest.slice(found.rest.indexOf('['))) as string[];
}

/** True: the path is left out of the build context. Rules as in .gitignore, the last that fits wins. */
export function isIgnored(rules: readonly string[], path: string): boolean {
  let ignored = false;
  const parts = path.split('/');
  for (const rule of rules) {
    const keeps = rule.startsWith('!');
    const pattern = keeps ? rule.slice(1) : rule;
    const expression = pattern
      .split('/')
      .map((part) =>
        part === '**' ? '**' : part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*'),
      )
      .join('/')
      .replaceAll('**/', '(?:.*/)?');
    // A rule for a folder is one for all in it.
    const fits = parts.some((_, index) =>
      new RegExp(`^${expression}$`).test(parts.slice(0, index + 1).join('/')),
    );
    if (fits) ignored = !keeps;
  }
  return ignored;
}

/** How one variable of the environment is read. What is wrong is told by the variable's name, as a `ConfigError`. */
import { readFileSync } from 'node:fs';
import { ConfigError } from './config-error.js';

/** Empty is the same as not set. */
export function text(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name] === '' ? undefined : env[name];
}

/** NAME, or the content of the file that NAME_FILE names. */
export function textOrFile(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = text(env, name);
  const path = text(env, `${name}_FILE`);
  if (path === undefined) return value;
  if (value !== undefined) throw new ConfigError(`both ${name} and ${name}_FILE are set: set one of them`);
  const content = read(`${name}_FILE`, path).trim();
  if (content === '') throw new ConfigError(`${name}_FILE is "${path}", which is empty`);
  return content;
}

export function read(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(`${name} is "${path}", which cannot be read (${code ?? String(error)})`);
  }
}

/** The value is not repeated: there may be a password in it. */
export function url(env: NodeJS.ProcessEnv, name: string, schemes: readonly string[]): string | undefined {
  const value = text(env, name);
  if (value === undefined) return undefined;
  if (!URL.canParse(value) || !schemes.includes(new URL(value).protocol)) {
    throw new ConfigError(
      `${name} must be a URL that begins with ${schemes.map((one) => `${one}//`).join(' or ')}`,
    );
  }
  return value;
}

export function choice<const T extends string>(
  env: NodeJS.ProcessEnv,
  name: string,
  choices: readonly T[],
  fallback: NoInfer<T>,
): T {
  const value = text(env, name) ?? fallback;
  const found = choices.find((one) => one === value);
  if (found === undefined) {
    throw new ConfigError(`${name} is "${value}", but must be one of ${choices.join(', ')}`);
  }
  return found;
}

export function integer(
  env: NodeJS.ProcessEnv,
  name: string,
  fallback: number,
  min: number,
  max: number,
): number {
  const value = text(env, name);
  if (value === undefined) return fallback;
  const number = Number(value);
  if (!Number.isInteger(number) || number < min || number > max) {
    throw new ConfigError(`${name} is "${value}", but must be a whole number from ${min} to ${max}`);
  }
  return number;
}

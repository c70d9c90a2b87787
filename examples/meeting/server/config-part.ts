/**
 * One object of CONFIG_FILE, read key by key. What is wrong is told by its path in the file, with what was expected; values are
 * not repeated, since they may be secret.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { OidcOptions } from 'sluss/gateway';
import { ConfigError } from './config-error.js';

/** What a file may point at. */
export interface ConfigSurroundings {
  /** Paths in the file are relative to here. */
  readonly folder: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

export type PrivateJwk = NonNullable<OidcOptions['requestKey']>;

const SIGNING = /^(?:(?:RS|PS|ES)(?:256|384|512)|EdDSA)$/;
const DECRYPTING = /^(?:RSA-OAEP(?:-256|-384|-512)?|ECDH-ES(?:\+A(?:128|192|256)KW)?)$/;

export class ConfigPart {
  readonly path: string;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #around: ConfigSurroundings;

  /** Throws a `ConfigError` (as all below do) when it is no object or has a key that is not `known`. */
  constructor(value: unknown, path: string, known: readonly string[], around: ConfigSurroundings) {
    this.path = path;
    this.#around = around;
    this.#values = asRecord(value, path);
    const unknown = Object.keys(this.#values).find((key) => !known.includes(key));
    if (unknown !== undefined) {
      throw new ConfigError(`CONFIG_FILE: "${unknown}" in ${path} is not known; known: ${known.join(', ')}`);
    }
  }

  has(key: string): boolean {
    return this.#values[key] !== undefined;
  }

  value(key: string): unknown {
    return this.#values[key];
  }

  text(key: string): string {
    const value = this.#values[key];
    if (value === undefined) this.fail(key, 'a text, but is missing');
    if (typeof value !== 'string' || value.trim() === '' || value.length > 1000) this.fail(key, 'a text');
    return value;
  }

  choice<const T extends string>(key: string, choices: readonly T[], fallback?: NoInfer<T>): T {
    const value = this.#values[key] ?? fallback;
    const found = choices.find((one) => one === value);
    return found ?? this.fail(key, `one of ${choices.map((one) => `"${one}"`).join(', ')}`);
  }

  texts(key: string): string[] {
    const value = this.#values[key];
    if (!isTexts(value)) this.fail(key, 'a list of texts, ["...", "..."]');
    return value;
  }

  /** An object whose keys are nobody's business. */
  map<T>(key: string, read: (value: unknown) => T | null, expected: string): Record<string, T> {
    const entries = Object.entries(asRecord(this.#values[key], this.#at(key))).map(([name, value]) => {
      return [name, read(value) ?? this.fail(`${key}["${name}"]`, expected)] as const;
    });
    return Object.fromEntries(entries);
  }

  part(key: string, known: readonly string[]): ConfigPart {
    return new ConfigPart(this.#values[key], this.#at(key), known, this.#around);
  }

  /** An address with TLS; plain HTTP is for this machine only. */
  address(key: string): string {
    const text = this.text(key);
    const url = URL.canParse(text) ? new URL(text) : null;
    const isHere = ['127.0.0.1', '[::1]', 'localhost'].includes(url?.hostname ?? '');
    if (url?.protocol !== 'https:' && !(url?.protocol === 'http:' && isHere)) {
      this.fail(key, 'an address that begins with https://');
    }
    return text;
  }

  /** Contents of the file that the key names. */
  file(key: string): Buffer {
    const path = this.text(key);
    try {
      return readFileSync(resolve(this.#around.folder, path));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new ConfigError(
        `CONFIG_FILE: ${this.#at(key)} is "${path}", which cannot be read (${code ?? String(error)}); ` +
          `expected a file, by a path from ${this.#around.folder}`,
      );
    }
  }

  /** Certificates, one or several. */
  certificates(key: string): string {
    const pem = this.file(key).toString();
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    const expected = 'a file with certificates as PEM ("-----BEGIN CERTIFICATE-----")';
    if (blocks.length === 0) this.fail(key, expected);
    try {
      for (const block of blocks) void new X509Certificate(block);
    } catch {
      this.fail(key, `${expected}, but one of them cannot be read`);
    }
    return pem;
  }

  /** From the file that `<name>File` names, or the environment variable that `<name>Env` names. */
  secret(name: string): string {
    const [file, variable] = [`${name}File`, `${name}Env`];
    if (this.has(file) === this.has(variable)) {
      const both = `${this.#at(file)} or ${this.#at(variable)}`;
      const how = this.has(file) ? 'both are set: set one of them' : 'one of them must be set';
      throw new ConfigError(
        `CONFIG_FILE: ${both}: ${how}. The first names a file with the secret, the second an environment variable`,
      );
    }
    const value = this.has(file) ? this.file(file).toString() : (this.#around.env[this.text(variable)] ?? '');
    if (value.trim() !== '') return value.trim();
    return this.has(file)
      ? this.fail(file, 'a file with the secret, but the file is empty')
      : this.fail(
          variable,
          'the name of an environment variable with the secret, but there is none or it is empty',
        );
  }

  /** A private key, from the file that the key names. */
  jwk(key: string, use: 'signing' | 'decrypting'): PrivateJwk {
    const expected = `a file with one private key as a JWK, { "kty", "alg", "kid", "d", ... }, for ${use}`;
    let jwk: Record<string, unknown>;
    try {
      jwk = JSON.parse(this.file(key).toString()) as Record<string, unknown>;
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      return this.fail(key, `${expected}, but the file is no JSON`);
    }
    if (typeof jwk !== 'object' || jwk === null || typeof jwk.kty !== 'string') this.fail(key, expected);
    if (jwk.d === undefined) this.fail(key, `${expected}, but the key is public (it has no "d")`);
    const algorithms = use === 'signing' ? SIGNING : DECRYPTING;
    if (typeof jwk.alg !== 'string' || !algorithms.test(jwk.alg)) {
      const such = use === 'signing' ? '"RS256", "PS256" or "ES256"' : '"RSA-OAEP-256" or "ECDH-ES+A256KW"';
      this.fail(key, `${expected}, but its "alg" is not one for that, such as ${such}`);
    }
    if (typeof jwk.kid !== 'string' || jwk.kid === '') {
      this.fail(key, `${expected}, but it has no "kid": the name under which the provider knows the key`);
    }
    if (!isPrivateKey(jwk)) this.fail(key, `${expected}, but the key cannot be read or is too short`);
    return jwk;
  }

  fail(key: string, expected: string): never {
    throw new ConfigError(`CONFIG_FILE: ${this.#at(key)} must be ${expected}`);
  }

  #at(key: string): string {
    return this.path === ROOT ? key : `${this.path}.${key}`;
  }
}

/** `path` of the whole file. */
export const ROOT = 'the file';

function asRecord(value: unknown, path: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new ConfigError(`CONFIG_FILE: ${path} must be an object { ... }`);
}

function isTexts(value: unknown): value is string[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.every((one) => typeof one === 'string' && one !== '');
}

/** Of the kind that its `alg` is for, RSA keys of 2048 bits or more. */
function isPrivateKey(jwk: Readonly<Record<string, unknown>>): boolean {
  const kinds: Readonly<Record<string, readonly string[]>> = {
    RS: ['rsa'],
    PS: ['rsa'],
    ES: ['ec'],
    Ed: ['ed25519'],
    EC: ['ec', 'x25519', 'x448'],
  };
  try {
    const key = createPrivateKey({ key: jwk, format: 'jwk' });
    const bits = key.asymmetricKeyDetails?.modulusLength ?? Infinity;
    return kinds[String(jwk.alg).slice(0, 2)].includes(key.asymmetricKeyType ?? '') && bits >= 2048;
  } catch {
    return false;
  }
}

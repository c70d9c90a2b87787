// @ts-check
/** Options of scenarios: declared once, read strictly, shown by --help. */
import { parseArgs } from 'node:util';

/**
 * @typedef {object} NumberOption
 * @property {'number'} type
 * @property {number} default
 * @property {number} min
 * @property {number} max
 * @property {string} help
 */
/**
 * @typedef {object} ChoiceOption
 * @property {'choice'} type
 * @property {string} default
 * @property {string[]} choices
 * @property {string} help
 */
/**
 * @typedef {object} TextOption
 * @property {'text'} type
 * @property {string} default
 * @property {string} help
 */
/** @typedef {{ type: 'flag', help: string }} FlagOption */
/** @typedef {Record<string, NumberOption | ChoiceOption | TextOption | FlagOption>} OptionTable */

export class UsageError extends Error {}

/**
 * @param {string[]} args
 * @param {OptionTable} table
 * @returns {Record<string, any>}
 */
export function readOptions(args, table) {
  const config = Object.fromEntries(
    Object.entries(table).map(([name, { type }]) => [name, { type: type === 'flag' ? 'boolean' : 'string' }]),
  );
  /** @type {Record<string, any>} */
  let values;
  try {
    ({ values } = parseArgs({ args, options: /** @type {any} */ (config), strict: true }));
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message);
  }
  return Object.fromEntries(
    Object.entries(table).map(([name, option]) => [name, readValue(name, option, values[name])]),
  );
}

/** @param {OptionTable} table */
export function describeOptions(table) {
  return Object.entries(table)
    .map(([name, option]) => {
      const value =
        option.type === 'flag'
          ? ''
          : option.type === 'choice'
            ? ` <${option.choices.join('|')}>`
            : ` <${option.type}>`;
      const range = option.type === 'number' ? `, ${option.min} to ${option.max}` : '';
      const preset =
        'default' in option && option.default !== '' ? ` (default ${option.default}${range})` : '';
      return `  --${name}${value}\n        ${option.help}${preset}`;
    })
    .join('\n');
}

/**
 * @param {string} name
 * @param {OptionTable[string]} option
 * @param {any} value
 */
function readValue(name, option, value) {
  if (option.type === 'flag') return value === true;
  if (value === undefined) return option.default;
  if (option.type === 'text') return value;
  if (option.type === 'choice') {
    if (!option.choices.includes(value)) {
      throw new UsageError(`--${name} is one of ${option.choices.join(', ')}, got '${value}'`);
    }
    return value;
  }
  const number = Number(value);
  if (value.trim() === '' || !(number >= option.min && number <= option.max)) {
    throw new UsageError(`--${name} is a number from ${option.min} to ${option.max}, got '${value}'`);
  }
  return number;
}

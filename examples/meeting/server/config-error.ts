/** A mistake in the configuration, told by the name of the setting. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** A setting is missing or wrong. The message names the setting and the rule, never its value. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly code = 'invalid_setting';
}

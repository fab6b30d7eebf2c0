export { release } from './release.js';
export { ruleMessage } from './rule-messages.js';
export { claimsAboutTheToken } from './setting-fields.js';
export { SettingsError } from './settings.errors.js';
export { loadSettings } from './settings.js';
export { InjectSettings, SETTINGS, SettingsModule } from './settings.module.js';
export type { ConsoleSsoSettings, Settings } from './settings-shape.js';

export { release } from './release.js';
export { SettingsError } from './settings.errors.js';
export { loadSettings } from './settings.js';
export { InjectSettings, SETTINGS, SettingsModule } from './settings.module.js';
export type { Settings } from './settings-shape.js';

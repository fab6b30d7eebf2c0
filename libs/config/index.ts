export { release } from './release.js';
export { SettingsError } from './settings.errors.js';
export { loadSettings, type Settings } from './settings.js';
export { InjectSettings, SETTINGS, SettingsModule } from './settings.module.js';

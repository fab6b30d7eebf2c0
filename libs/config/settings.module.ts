import { Inject, Module } from '@nestjs/common';
import { ConfigModule, registerAs } from '@nestjs/config';
import { loadSettings } from './settings.js';

const settings = registerAs('settings', () => loadSettings());

/** Injects the checked `Settings`. */
export const InjectSettings = (): ParameterDecorator => Inject(settings.KEY);

/** The injection token of `Settings`, for factories. */
export const SETTINGS = settings.KEY;

/** Import once per application: the settings are then global. */
@Module({ imports: [ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load: [settings] })] })
export class SettingsModule {}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { serverSettings } from './server-settings.schemas.js';

const presetSchema = z.strictObject({
  title: z.string().min(1),
  documentation_url: z.url(),
  /** Whether somebody has got a token with it from the real server. */
  verified: z.boolean(),
  settings: z.strictObject(serverSettings),
});
export type Preset = z.infer<typeof presetSchema>;

/** Every file of the folder, under its name. Nothing else lists them. */
export const presets: ReadonlyMap<string, Preset> = readPresets(join(import.meta.dirname, 'presets'));

/** @throws Error naming the file that is no preset */
export function readPresets(folder: string): Map<string, Preset> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return new Map(files.sort().map((name) => [name.slice(0, -'.json'.length), readPreset(folder, name)]));
}

function readPreset(folder: string, name: string): Preset {
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*\.json$/.test(name)) {
    throw new Error(`The name of preset ${name} is not kebab-case.`);
  }
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  } catch (cause) {
    throw new Error(`Preset ${name} is not JSON.`, { cause });
  }
  const { data, error } = presetSchema.safeParse(content);
  if (!data) throw new Error(`Preset ${name} is not valid. ${z.prettifyError(error)}`);
  return data;
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { grantTypes, type ProviderPreset } from '#provider-kit';
import {
  fillIn,
  type InputValues,
  placeholdersIn,
  presetInputsSchema,
  sampleValues,
} from './preset-inputs.js';
import { serverSettings } from './server-settings.schemas.js';

/** The settings that a preset may have: everything about the server, nothing about an installation. */
const presetSettings = z.strictObject(serverSettings);
type PresetSettings = z.infer<typeof presetSettings>;

const presetSchema = z
  .strictObject({
    title: z.string().min(1),
    documentation_url: z.url(),
    /** Whether somebody has got a token with it from the real server. */
    verified: z.boolean(),
    remark: z.string().min(1).max(300).optional(),
    /** The first grants it is for, where its documentation names them. */
    grants: z.array(z.enum(grantTypes)).min(1).default(['authorization_code']),
    inputs: presetInputsSchema.default({}),
    /** As in a credential; `{name}` stands for the input of that name. */
    settings: z.record(z.string(), z.json()),
  })
  .superRefine(({ inputs, settings }, context) => {
    const used = new Set(placeholdersIn(settings));
    for (const name of used) {
      if (inputs[name] === undefined) context.addIssue(`uses {${name}}, which is no input of it`);
    }
    for (const name of Object.keys(inputs)) {
      if (!used.has(name)) context.addIssue(`has the input ${name}, which it does not use`);
    }
    const { error } = presetSettings.safeParse(fillIn(settings, sampleValues(inputs)));
    for (const { path, message } of error?.issues ?? []) {
      context.addIssue({ code: 'custom', path: ['settings', ...path], message });
    }
  });

export type Preset = ProviderPreset;

/** Every file of the folder, under its name. Nothing else lists them. */
export const presets: ReadonlyMap<string, Preset> = readPresets(join(import.meta.dirname, 'presets'));

/** The settings of a preset with the values of its inputs in them. Settings that cannot be filled in are left out. */
export function settingsOf(preset: Preset, values: InputValues): PresetSettings {
  return presetSettings.safeParse(fillIn(preset.settings, values)).data ?? {};
}

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
  return { id: name.slice(0, -'.json'.length), ...data };
}

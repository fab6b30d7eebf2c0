import { z } from 'zod';
import { grantTypes, type ProviderPreset } from '#provider-kit';

const presetInputSchema = z.strictObject({
  title: z.string(),
  description: z.string().optional(),
  pattern: z.string().describe('A regular expression for the whole of the value.'),
  default: z.string().optional().describe('Taken where none is given. Absent: one must be given.'),
  examples: z.array(z.string()).optional(),
});

const presetSchema = z.strictObject({
  id: z.string().describe('For `settings.preset`.'),
  provider: z.string().describe('The provider whose settings take it.'),
  title: z.string(),
  documentation_url: z.string(),
  verified: z.boolean().describe('Whether somebody has got a token with it from the real server.'),
  remark: z.string().optional().describe('What to know when a client is registered there.'),
  grants: z.array(z.enum(grantTypes)).describe('The first grants it is for.'),
  inputs: z
    .record(z.string(), presetInputSchema)
    .describe('What `settings.preset_inputs` must or may fill in, by name.'),
  settings: z
    .looseObject({})
    .describe('The settings it stands for; `{name}` is where the input of that name goes.'),
});

export const presetListSchema = z.strictObject({
  items: z.array(presetSchema),
  next_cursor: z.null(),
});

export function presetJson(provider: string, preset: ProviderPreset) {
  const { id, title, documentation_url, verified, remark, grants, inputs, settings } = preset;
  return { id, provider, title, documentation_url, verified, remark, grants, inputs, settings };
}

import { z } from 'zod';
import type { PresetInput } from '#provider-kit';

const inputName = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'must be the name of an input');

const inputSchema = z
  .strictObject({
    title: z.string().min(1),
    description: z.string().min(1).optional(),
    pattern: z.string().refine((text) => whole(text) !== undefined, 'must be a regular expression'),
    default: z.string().optional(),
    examples: z.array(z.string()).min(1).optional(),
  })
  .superRefine((input, context) => {
    const samples = [...(input.default === undefined ? [] : [input.default]), ...(input.examples ?? [])];
    if (samples.length === 0) context.addIssue('needs a default or examples');
    for (const sample of samples) {
      if (!fits(input, sample)) context.addIssue(`has a sample that does not fit: ${sample}`);
    }
  });

/** The inputs of a preset: the parts of its addresses and parameters that differ from installation to installation. */
export const presetInputsSchema = z.record(inputName, inputSchema);

export type PresetInputs = Readonly<Record<string, PresetInput>>;
export type InputValues = Readonly<Record<string, string>>;

/** As a credential gives them; which there are, and their patterns, are the preset's. */
export const inputValuesSchema = z.record(inputName, z.string().max(255));

/** The faults of the values, by the name of the input. */
export function inputIssues(inputs: PresetInputs, values: InputValues): ReadonlyMap<string, string> {
  const issues = new Map<string, string>();
  for (const [name, input] of Object.entries(inputs)) {
    const value = values[name] ?? input.default;
    if (value === undefined) issues.set(name, `is required by the preset: ${input.title}`);
    else if (!fits(input, value)) issues.set(name, `must fit ${input.pattern}`);
  }
  for (const name of Object.keys(values)) {
    if (inputs[name] === undefined) issues.set(name, 'is no input of the preset');
  }
  return issues;
}

/** The values that fit, defaults included. */
export function usableValues(inputs: PresetInputs, values: InputValues): InputValues {
  const all = Object.entries(inputs).map(([name, input]) => [name, values[name] ?? input.default] as const);
  return Object.fromEntries(
    all.flatMap(([name, value]) =>
      value !== undefined && fits(inputs[name], value) ? [[name, value] as const] : [],
    ),
  );
}

/** A value of each input that an admin could give. */
export function sampleValues(inputs: PresetInputs): InputValues {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => [name, input.default ?? input.examples?.[0] ?? '']),
  );
}

export function placeholdersIn(value: unknown): string[] {
  if (typeof value === 'string') return [...value.matchAll(placeholder)].map(([, name = '']) => name);
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(placeholdersIn);
}

/** The settings with the values in the place of their placeholders. One that stays open leaves its setting out. */
export function fillIn(settings: Readonly<Record<string, unknown>>, values: InputValues) {
  const filled = Object.entries(settings).map(
    ([name, setting]) => [name, filledIn(setting, values)] as const,
  );
  return Object.fromEntries(filled.filter(([, setting]) => placeholdersIn(setting).length === 0));
}

const placeholder = /\{([a-z][a-z0-9_]*)\}/g;

function filledIn(value: unknown, values: InputValues): unknown {
  if (typeof value === 'string') return value.replace(placeholder, (all, name) => values[name] ?? all);
  if (Array.isArray(value)) return value.map((item) => filledIn(item, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, filledIn(item, values)]));
}

/** Characters that end no part of a URL, whatever the pattern lets through: an input must not lead to another server. */
const harmless = /^[A-Za-z0-9._~-]{1,255}$/;

function fits(input: PresetInput | undefined, value: string): boolean {
  return harmless.test(value) && whole(input?.pattern ?? '')?.test(value) === true;
}

function whole(pattern: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch {
    return undefined;
  }
}

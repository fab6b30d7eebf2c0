import { NativeSelect, PasswordInput, Textarea, TextInput } from '@mantine/core';
import type { JsonSchema } from '../api/types';
import { kindOf } from './field-value';

const longText = 16_000;

/** One property of a JSON Schema as a labelled control. */
export function SchemaField({
  name,
  schema,
  isRequired,
  value,
  error,
  onChange,
}: {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
  readonly value: string;
  readonly error: string | undefined;
  readonly onChange: (text: string) => void;
}) {
  const kind = kindOf(schema);
  const common = {
    label: schema.title ?? name.replaceAll('_', ' '),
    description: schema.description,
    required: isRequired,
    value,
    error,
    name,
    placeholder: exampleOf(schema),
    autoComplete: 'off',
    onChange: ({ currentTarget }: { readonly currentTarget: { readonly value: string } }) =>
      onChange(currentTarget.value),
  };
  if (kind === 'choice' || kind === 'switch') {
    const given = kind === 'switch' ? ['true', 'false'] : (schema.enum ?? []).filter((word) => word !== '');
    const none = isRequired
      ? 'Choose…'
      : `Default${schema.default === undefined ? '' : `: ${schema.default}`}`;
    return <NativeSelect {...common} data={[{ value: '', label: none }, ...given]} />;
  }
  // A key or a certificate in PEM has many lines.
  const isLong = (schema.maxLength ?? 0) >= longText;
  if (kind === 'secret' && !isLong) return <PasswordInput {...common} />;
  if (kind === 'text' || kind === 'secret' || kind === 'number') {
    return isLong ? (
      <Textarea {...common} autosize={false} rows={4} />
    ) : (
      <TextInput {...common} inputMode={kind === 'number' ? 'numeric' : 'text'} />
    );
  }
  const hint = kind === 'lines' ? 'One a line.' : 'As JSON.';
  return <Textarea {...common} rows={2} description={[schema.description, hint].filter(Boolean).join(' ')} />;
}

function exampleOf({ examples = [], default: preset }: JsonSchema): string | undefined {
  const example = examples[0] ?? preset;
  if (example === undefined) return undefined;
  return typeof example === 'string' ? example : JSON.stringify(example);
}
